// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import static io.fiso.broker.queue.QueueFixture.LEASE;
import static io.fiso.broker.queue.QueueFixture.LETTERS;
import static io.fiso.broker.queue.QueueFixture.MAILS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.fiso.broker.BrokerException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random calls, and a model that says what each must do. The seed is in every failure's description. */
@Timeout(300)
class QueueModelTest {
    private static final int STEPS = 6_000;
    private static final int ATTEMPTS_MAX = 3;

    @TempDir
    Path directory;

    /** What the model knows of a job. Deliberately simple: a list that is sorted each time. */
    private static final class Modelled {
        final String payload;
        final int priority;
        final boolean letter;
        long id;
        long visible;
        int attempts;

        @Nullable
        LeaseToken lease;

        Modelled(String payload, int priority, boolean letter, long visible) {
            this.payload = payload;
            this.priority = priority;
            this.letter = letter;
            this.visible = visible;
        }
    }

    private final Map<Long, Modelled> mails = new TreeMap<>();
    private final Map<Long, Modelled> letters = new TreeMap<>();
    private final List<LeaseToken> tokens = new ArrayList<>();
    private final List<String> acked = new ArrayList<>();
    private long lastMail;
    private long lastLetter;

    @Test
    void doesWhatTheModelDoes() {
        long seed = Long.getLong("fiso.seed", System.nanoTime());
        System.out.println("QueueModelTest: -Dfiso.seed=" + seed);
        Random random = new Random(seed);
        try (QueueFixture it = new QueueFixture(directory)) {
            it.create(MAILS, ATTEMPTS_MAX);
            // So that it is there from the start.
            it.create(LETTERS, ATTEMPTS_MAX);
            for (int step = 0; step < STEPS; step++) {
                try {
                    step(it, random, step);
                    if (step % 50 == 0) {
                        compare(it);
                    }
                } catch (RuntimeException | AssertionError e) {
                    fail("seed " + seed + ", step " + step, e);
                }
            }
        }
    }

    private void step(QueueFixture it, Random random, int step) {
        long now = it.time.millis();
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> enqueue(it, random, step, now);
            case 4, 5, 6, 7 -> reserve(it, random, false, now);
            case 8 -> reserve(it, random, true, now);
            case 9, 10, 11, 12 -> withToken(it, random, now);
            case 13, 14 -> advance(it, random.nextInt(20));
            case 15 -> advance(it, random.nextInt((int) LEASE.toMillis()));
            case 16 -> replay(it, random, now);
            case 17 -> {
                if (random.nextInt(20) == 0) {
                    it.reopen();
                }
            }
            case 18 -> peek(it, now);
            default -> {
                if (random.nextInt(60) == 0) {
                    it.queues.purge(MAILS);
                    mails.clear();
                }
            }
        }
    }

    private void enqueue(QueueFixture it, Random random, int step, long now) {
        int count = 1 + random.nextInt(3);
        List<NewJob> jobs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int priority = random.nextInt(4) * 3;
            long delay = random.nextInt(3) == 0 ? random.nextInt(1_000) : 0;
            String payload = step + "." + i;
            jobs.add(QueueFixture.job(payload, priority, new NewJob.When.In(Duration.ofMillis(delay))));
            Modelled job = new Modelled(payload, priority, false, now + delay);
            job.id = ++lastMail;
            mails.put(job.id, job);
        }
        List<Long> ids = it.queues.enqueue(MAILS, jobs);
        assertThat(ids.getLast()).isEqualTo(lastMail);
    }

    private void reserve(QueueFixture it, Random random, boolean ofLetters, long now) {
        int max = 1 + random.nextInt(4);
        long timeout = 1 + random.nextInt(500);
        List<Modelled> expected = ready(ofLetters, now).stream().limit(max).toList();

        List<Delivery> found = it.queues.reserve(
                ofLetters ? LETTERS : MAILS,
                max,
                Optional.of(Duration.ofMillis(timeout)),
                Duration.ZERO,
                Patience.UNLIMITED);

        assertThat(found.stream().map(QueueFixture::text))
                .containsExactlyElementsOf(
                        expected.stream().map(job -> job.payload).toList());
        assertThat(found).noneMatch(delivery -> acked.contains(QueueFixture.text(delivery)));
        for (int i = 0; i < found.size(); i++) {
            Modelled job = expected.get(i);
            job.attempts++;
            job.visible = now + timeout;
            job.lease = found.get(i).lease();
            tokens.add(job.lease);
            assertThat(found.get(i).job().id()).isEqualTo(job.id);
            assertThat(found.get(i).job().attempts()).isEqualTo(job.attempts);
        }
    }

    private List<Modelled> ready(boolean ofLetters, long now) {
        return (ofLetters ? letters : mails)
                .values().stream()
                        .filter(job -> job.visible <= now)
                        .sorted(Comparator.<Modelled>comparingInt(job -> -job.priority)
                                .thenComparingLong(job -> job.visible)
                                .thenComparingLong(job -> job.id))
                        .toList();
    }

    /** Mostly with one that may be current, sometimes with any that ever was. */
    private void withToken(QueueFixture it, Random random, long now) {
        if (tokens.isEmpty()) {
            return;
        }
        int recent = random.nextInt(4) == 0 ? tokens.size() : Math.min(6, tokens.size());
        LeaseToken token = tokens.get(tokens.size() - 1 - random.nextInt(recent));
        boolean ofLetters = holder(letters, token, now).isPresent();
        Optional<Modelled> holder = ofLetters ? holder(letters, token, now) : holder(mails, token, now);
        switch (random.nextInt(3)) {
            case 0 -> {
                boolean good = call(() -> assertThat(it.queues.ack(ofLetters ? LETTERS : MAILS, token))
                        .isEqualTo(holder.isEmpty()));
                // One that is not current is answered only if it was acked before, and changes nothing.
                holder.ifPresent(job -> {
                    assertThat(good).isTrue();
                    (ofLetters ? letters : mails).remove(job.id);
                    acked.add(job.payload);
                });
            }
            case 1 -> {
                long delay = random.nextInt(200);
                boolean good =
                        call(() -> it.queues.nack(ofLetters ? LETTERS : MAILS, token, Duration.ofMillis(delay), "r"));
                assertThat(good).isEqualTo(holder.isPresent());
                holder.ifPresent(job -> {
                    if (!ofLetters && job.attempts == ATTEMPTS_MAX) {
                        giveUp(job, now);
                    } else {
                        job.lease = null;
                        job.visible = now + delay;
                    }
                });
            }
            default -> {
                long timeout = 1 + random.nextInt(500);
                boolean good = call(() ->
                        it.queues.extend(ofLetters ? LETTERS : MAILS, token, Optional.of(Duration.ofMillis(timeout))));
                assertThat(good).isEqualTo(holder.isPresent());
                holder.ifPresent(job -> job.visible = now + timeout);
            }
        }
    }

    private static Optional<Modelled> holder(Map<Long, Modelled> jobs, LeaseToken token, long now) {
        return jobs.values().stream()
                .filter(job -> job.lease == token && job.visible > now)
                .findFirst();
    }

    private static boolean call(Runnable call) {
        try {
            call.run();
            return true;
        } catch (BrokerException e) {
            assertThat(e.code()).isEqualTo("broker.lease_stale");
            return false;
        }
    }

    private void giveUp(Modelled job, long now) {
        mails.remove(job.id);
        Modelled letter = new Modelled(job.payload, job.priority, true, now);
        letter.id = ++lastLetter;
        letters.put(letter.id, letter);
    }

    private void advance(QueueFixture it, long millis) {
        long until = it.time.millis() + millis;
        mails.values().stream()
                .filter(job -> job.lease != null && job.attempts >= ATTEMPTS_MAX && job.visible <= until)
                .sorted(Comparator.<Modelled>comparingLong(job -> job.visible).thenComparingLong(job -> job.id))
                .toList()
                .forEach(job -> giveUp(job, job.visible));
        it.time.advanceMillis(millis);
    }

    private void replay(QueueFixture it, Random random, long now) {
        boolean all = random.nextBoolean();
        List<Modelled> wanted =
                letters.values().stream().filter(job -> all || job.id % 3 == 0).toList();
        if (wanted.isEmpty()) {
            return;
        }
        List<Modelled> going = wanted.stream()
                .filter(job -> job.lease == null || job.visible <= now)
                .toList();
        if (all) {
            assertThat(it.queues.replayAll(LETTERS).replayed()).isEqualTo(going.size());
        } else {
            try {
                Replayed replayed = it.queues.replay(
                        LETTERS, wanted.stream().map(job -> job.id).limit(1_000).toList());
                assertThat(replayed.replayed()).isEqualTo(going.size());
            } catch (BrokerException e) {
                assertThat(e.code()).isEqualTo("broker.job_leased");
                assertThat(going).isEmpty();
            }
        }
        for (Modelled letter : going) {
            letters.remove(letter.id);
            Modelled back = new Modelled(letter.payload, letter.priority, false, now);
            back.id = ++lastMail;
            mails.put(back.id, back);
        }
    }

    private void peek(QueueFixture it, long now) {
        assertThat(it.queues.browser().peek(MAILS, 5).stream()
                        .map(peeked -> peeked.job().id()))
                .containsExactlyElementsOf(
                        ready(false, now).stream().limit(5).map(job -> job.id).toList());
    }

    private void compare(QueueFixture it) {
        assertThat(everything(it, false)).isEqualTo(modelled(mails, it.time.millis()));
        assertThat(everything(it, true)).isEqualTo(modelled(letters, it.time.millis()));
        JobCounts counts = it.queues.browser().count(MAILS);
        assertThat(counts.ready() + counts.delayed() + counts.leased()).isEqualTo(mails.size());
        assertThat(counts.ready()).isEqualTo(ready(false, it.time.millis()).size());
    }

    private static Map<Long, String> everything(QueueFixture it, boolean ofLetters) {
        Map<Long, String> found = new TreeMap<>();
        Optional<String> token = Optional.empty();
        do {
            JobPage page = it.queues.browser().list(ofLetters ? LETTERS : MAILS, Optional.empty(), 100, token);
            page.jobs()
                    .forEach(job -> found.put(
                            job.id(),
                            job.priority() + " " + job.state() + " " + job.attempts() + " "
                                    + job.visible().toEpochMilli() + " "
                                    + job.origin().isPresent()));
            token = page.next();
        } while (token.isPresent());
        return found;
    }

    private static Map<Long, String> modelled(Map<Long, Modelled> jobs, long now) {
        Map<Long, String> expected = new TreeMap<>();
        jobs.forEach((id, job) -> {
            JobState state =
                    job.visible <= now ? JobState.READY : job.lease == null ? JobState.DELAYED : JobState.LEASED;
            expected.put(id, job.priority + " " + state + " " + job.attempts + " " + job.visible + " " + job.letter);
        });
        return expected;
    }
}
