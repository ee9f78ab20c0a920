// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.queue.Content;
import io.fiso.broker.queue.Delivery;
import io.fiso.broker.queue.Job;
import io.fiso.broker.queue.JobPage;
import io.fiso.broker.queue.LeaseToken;
import io.fiso.broker.queue.NewJob;
import io.fiso.broker.queue.Patience;
import io.fiso.broker.queue.Queues;
import io.fiso.broker.queue.Replayed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A queue with its dead letters. Each job carries text that no other has. */
final class QueueWorkload extends PrimitiveWorkload {
    private static final ResourceName MAILS = ResourceName.parse("default/shop/queues/mails");
    private static final ResourceName LETTERS = ResourceName.parse("default/shop/queues/mails.dlq");
    private static final int ATTEMPTS_MAX = 2;
    private static final long LEASE_MILLIS = 30_000;

    private static final long NOT_ANSWERED = 0;

    /** A job that was enqueued, as it was answered last. */
    private static final class Known {
        private final String text;
        private final int priority;
        /** {@link #NOT_ANSWERED} if it was put back and not looked at since. */
        private long id;

        private int attempts;
        private long visible;
        private @Nullable LeaseToken lease;
        /** Acked, or purged. */
        private boolean gone;

        private boolean letter;

        Known(String text, int priority, long visible) {
            this.text = text;
            this.priority = priority;
            this.visible = visible;
        }

        /** Its last lease is over: it is a dead letter, or will be. */
        boolean isLost(long now) {
            return attempts >= ATTEMPTS_MAX && visible <= now;
        }

        boolean isReady(long now) {
            return !gone && !letter && attempts < ATTEMPTS_MAX && visible <= now;
        }
    }

    /** What may have been done, or not, when the store went. */
    private sealed interface Open {
        record Enqueue(List<Known> jobs) implements Open {}

        record Reserve(List<Known> jobs, long end) implements Open {}

        record Ack(Known job) implements Open {}

        record Nack(Known job, long visible) implements Open {}

        record Extend(Known job, long visible) implements Open {}

        record Replay(List<Known> jobs, long visible) implements Open {}

        record Purge(List<Known> jobs) implements Open {}
    }

    private record Found(Job job, String text, boolean letter) {}

    private final Map<String, Known> known = new TreeMap<>();
    private long lastId;
    private int texts;
    private Store store;
    private Catalogue catalogue;
    private Queues queues;
    private @Nullable Open open;

    QueueWorkload(Durability durability, Happened happened) {
        super(MAILS, durability, happened);
    }

    @Override
    Settings settings(Random chance) {
        return new Settings.Queue(Duration.ofMillis(LEASE_MILLIS), ATTEMPTS_MAX, Optional.empty());
    }

    @Override
    void begin(Store store, Catalogue catalogue) {
        this.store = store;
        this.catalogue = catalogue;
        queues = new Queues(store, catalogue, time, time);
        queues.start();
    }

    @Override
    void act(SimulatedStore.Opened opened, SimulatedDisk disk, Random chance) {
        int what = chance.nextInt(23);
        if (what < 5) {
            enqueue(disk, chance);
        } else if (what < 11) {
            reserve(disk, chance);
        } else if (what < 17) {
            settle(disk, chance);
        } else if (what < 19) {
            long by = chance.nextInt(chance.nextInt(3) == 0 ? 40_000 : 2_000);
            quietly(disk, () -> time.advanceMillis(by));
        } else if (open == null && look(disk)) {
            if (what == 20 && chance.nextInt(3) == 0) {
                purge(disk);
            } else if (what > 20) {
                replay(disk, chance);
            }
        }
    }

    private void enqueue(SimulatedDisk disk, Random chance) {
        List<Known> jobs = new ArrayList<>();
        List<NewJob> asked = new ArrayList<>();
        for (int i = 1 + chance.nextInt(4); i > 0; i--) {
            long delay = chance.nextInt(3) == 0 ? chance.nextInt(20_000) : 0;
            int padding = chance.nextInt(3) == 0 ? chance.nextInt(8_000) : chance.nextInt(80);
            Known job = new Known(++texts + "/" + "x".repeat(padding), chance.nextInt(10), time.millis() + delay);
            jobs.add(job);
            asked.add(new NewJob(
                    new Content(job.text.getBytes(UTF_8), List.of(), Optional.empty()),
                    job.priority,
                    new NewJob.When.In(Duration.ofMillis(delay))));
        }
        Answered<List<Long>> answered = attempt(disk, () -> queues.enqueue(MAILS, asked));
        if (answered.result() != null) {
            passed("jobs enqueued");
            for (int i = 0; i < jobs.size(); i++) {
                long id = answered.result().get(i);
                check(id > lastId, "number " + id + " was given after " + lastId);
                lastId = id;
                jobs.get(i).id = id;
                known.put(jobs.get(i).text, jobs.get(i));
            }
        } else {
            refused(answered, new Open.Enqueue(jobs));
        }
    }

    private List<Known> ready() {
        long now = time.millis();
        return known.values().stream()
                .filter(job -> job.isReady(now))
                .sorted(Comparator.<Known>comparingInt(job -> -job.priority)
                        .thenComparingLong(job -> job.visible)
                        .thenComparingLong(job -> job.id))
                .toList();
    }

    private void reserve(SimulatedDisk disk, Random chance) {
        int max = 1 + chance.nextInt(3);
        List<Known> expected = ready().stream().limit(max).toList();
        long end = time.millis() + LEASE_MILLIS;
        Answered<List<Delivery>> answered =
                attempt(disk, () -> queues.reserve(MAILS, max, Optional.empty(), Duration.ZERO, Patience.UNLIMITED));
        List<Delivery> deliveries = answered.result();
        if (deliveries == null) {
            refused(answered, new Open.Reserve(expected, end));
            return;
        }
        List<String> texts = deliveries.stream()
                .map(delivery -> new String(delivery.content().payload(), UTF_8))
                .toList();
        check(
                texts.equals(expected.stream().map(job -> job.text).toList()),
                () -> "handed out " + texts + " instead of "
                        + expected.stream().map(job -> job.text).toList());
        if (!deliveries.isEmpty()) {
            passed("jobs handed out");
        }
        for (int i = 0; i < deliveries.size(); i++) {
            Known job = expected.get(i);
            Job delivered = deliveries.get(i).job();
            check(
                    delivered.attempts() == job.attempts + 1,
                    "job " + job.id + " was handed out as attempt " + delivered.attempts() + " after " + job.attempts);
            check(delivered.id() == job.id && delivered.priority() == job.priority, "another job than " + job.id);
            job.attempts = delivered.attempts();
            job.visible = end;
            job.lease = deliveries.get(i).lease();
        }
    }

    private void settle(SimulatedDisk disk, Random chance) {
        List<Known> leased =
                known.values().stream().filter(job -> job.lease != null).toList();
        if (leased.isEmpty()) {
            return;
        }
        Known job = leased.get(chance.nextInt(leased.size()));
        LeaseToken lease = job.lease;
        boolean current = !job.gone && !job.letter && job.visible > time.millis();
        switch (chance.nextInt(4)) {
            case 0, 1 -> {
                Answered<Boolean> answered = attempt(disk, () -> queues.ack(MAILS, lease));
                if (answered.isDone() && Boolean.TRUE.equals(answered.result())) {
                    check(job.gone, "an ack was taken for a repeated one");
                } else if (isTaken(answered, current, new Open.Ack(job))) {
                    passed("jobs acked");
                    job.gone = true;
                }
            }
            case 2 -> {
                long delay = chance.nextBoolean() ? 0 : chance.nextInt(10_000);
                long visible = time.millis() + delay;
                Answered<Optional<ResourceName>> answered =
                        attempt(disk, () -> queues.nack(MAILS, lease, Duration.ofMillis(delay), "not now"));
                if (isTaken(answered, current, new Open.Nack(job, visible))) {
                    passed("jobs given back");
                    boolean last = job.attempts >= ATTEMPTS_MAX;
                    check(
                            last == answered.result().isPresent(),
                            "after attempt " + job.attempts + " it went to " + answered.result());
                    job.letter = last;
                    job.visible = visible;
                    job.lease = null;
                }
            }
            default -> {
                long visible = time.millis() + 5_000;
                Answered<Instant> answered =
                        attempt(disk, () -> queues.extend(MAILS, lease, Optional.of(Duration.ofSeconds(5))));
                if (isTaken(answered, current, new Open.Extend(job, visible))) {
                    passed("leases extended");
                    job.visible = visible;
                }
            }
        }
    }

    private boolean isTaken(Answered<?> answered, boolean current, Open otherwise) {
        if (answered.isDone()) {
            check(current, "a token was taken that is not current");
            return true;
        }
        if (answered.code().equals("broker.lease_stale")) {
            check(!current, "a token was refused that is current");
            happened.count("stale leases refused");
        } else {
            refused(answered, current ? otherwise : null);
        }
        return false;
    }

    /** Compares, and learns what has become a dead letter meanwhile. */
    private boolean look(SimulatedDisk disk) {
        return attempt(disk, this::beforeRemoval).isDone();
    }

    @Override
    boolean beforeRemoval() {
        Map<String, Found> found = found();
        compare(found);
        known.values().forEach(job -> adopt(job, found.get(job.text)));
        return true;
    }

    @Override
    void removeIn(Change change, Resource resource) {
        queues.removeIn(change, resource);
    }

    @Override
    void removed() {
        known.values().removeIf(job -> !job.letter);
        lastId = 0;
        open = null;
    }

    private void purge(SimulatedDisk disk) {
        List<Known> there =
                known.values().stream().filter(job -> !job.gone && !job.letter).toList();
        Answered<Boolean> answered = attempt(disk, () -> {
            queues.purge(MAILS);
            return true;
        });
        if (answered.isDone()) {
            passed("queues purged");
            there.forEach(job -> job.gone = true);
        } else {
            refused(answered, there.isEmpty() ? null : new Open.Purge(there));
        }
    }

    private void replay(SimulatedDisk disk, Random chance) {
        Answered<Map<String, Found>> letters = attempt(disk, this::found);
        if (letters.result() == null) {
            return;
        }
        List<Known> jobs = known.values().stream()
                .filter(job -> job.letter)
                .limit(1 + chance.nextInt(3))
                .toList();
        if (jobs.isEmpty()) {
            return;
        }
        List<Long> ids = jobs.stream()
                .map(job -> letters.result().get(job.text).job().id())
                .toList();
        long now = time.millis();
        Answered<Replayed> answered = attempt(disk, () -> queues.replay(LETTERS, ids));
        if (answered.result() != null) {
            passed("dead letters put back");
            check(
                    answered.result().replayed() == jobs.size(),
                    () -> "of " + jobs.size() + " were put back: " + answered.result());
            jobs.forEach(job -> putBack(job, now));
            look(disk);
        } else {
            refused(answered, new Open.Replay(jobs, now));
        }
    }

    /** It is there as if it were new, under a number that nobody was told. */
    private static void putBack(Known job, long now) {
        job.letter = false;
        job.id = NOT_ANSWERED;
        job.attempts = 0;
        job.visible = now;
        job.lease = null;
    }

    private void passed(String what) {
        check(open == null, "a call passed after one of which nothing is known");
        happened.count(what);
    }

    private void refused(Answered<?> answered, @Nullable Open call) {
        if (answered.isUnknown()) {
            open = call;
        } else {
            check(
                    Set.of("", "broker.disk_full", "broker.store_read_only").contains(answered.code()),
                    "a call was refused with " + answered.code());
        }
    }

    private Map<String, Found> found() {
        Map<String, Found> found = new TreeMap<>();
        find(MAILS, found);
        if (store.read(view -> catalogue.find(view, LETTERS)).isPresent()) {
            find(LETTERS, found);
        }
        return found;
    }

    private void find(ResourceName queue, Map<String, Found> into) {
        Optional<String> token = Optional.empty();
        do {
            JobPage page = queues.browser().list(queue, Optional.empty(), 100, token);
            for (Job job : page.jobs()) {
                String text = new String(
                        queues.browser().get(queue, job.id()).content().payload(), UTF_8);
                Found before = into.put(text, new Found(job, text, queue.equals(LETTERS)));
                check(before == null, () -> "it is there twice: " + before + " and " + job);
            }
            token = page.next();
        } while (token.isPresent());
    }

    @Override
    void checkContent(Resource resource) {
        Map<String, Found> found = found();
        settleOpen(found);
        compare(found);
        known.values().forEach(job -> adopt(job, found.get(job.text)));
    }

    /** Takes the call of which nothing was known for done, if what there is says so. */
    private void settleOpen(Map<String, Found> found) {
        boolean done = switch (open) {
            case null -> false;
            case Open.Enqueue(var jobs) -> {
                boolean there = found.containsKey(jobs.getFirst().text);
                if (there) {
                    jobs.forEach(job -> {
                        Found its = found.get(job.text);
                        check(its != null, "not all jobs that were enqueued together are there");
                        job.id = its.job().id();
                        known.put(job.text, job);
                    });
                    // Those that are gone may have had these numbers; nobody was told.
                    jobs.forEach(job -> {
                        check(job.id > lastId, "number " + job.id + " was given after " + lastId);
                        lastId = job.id;
                    });
                }
                yield there;
            }
            case Open.Reserve(var jobs, long end) -> {
                boolean all = !jobs.isEmpty() && attempts(found, jobs.getFirst()) == jobs.getFirst().attempts + 1;
                if (all) {
                    jobs.forEach(job -> {
                        job.attempts++;
                        job.visible = end;
                        job.lease = null;
                    });
                }
                yield all;
            }
            case Open.Ack(Known job) -> {
                job.gone = !found.containsKey(job.text);
                yield job.gone;
            }
            case Open.Nack(Known job, long visible) -> {
                Found its = found.get(job.text);
                boolean gone = its != null && its.letter();
                boolean back = its != null && !gone && its.job().visible().toEpochMilli() == visible;
                if (gone || back) {
                    job.letter = gone;
                    job.visible = visible;
                    job.lease = null;
                }
                yield gone || back;
            }
            case Open.Purge(var jobs) -> {
                boolean gone = !found.containsKey(jobs.getFirst().text);
                if (gone) {
                    jobs.forEach(job -> job.gone = true);
                }
                yield gone;
            }
            case Open.Replay(var jobs, long visible) -> {
                Found first = found.get(jobs.getFirst().text);
                boolean back = first != null && !first.letter();
                if (back) {
                    jobs.forEach(job -> putBack(job, visible));
                }
                yield back;
            }
            case Open.Extend(Known job, long visible) -> {
                Found its = found.get(job.text);
                boolean longer = its != null && its.job().visible().toEpochMilli() == visible;
                if (longer) {
                    job.visible = visible;
                }
                yield longer;
            }
        };
        if (open != null) {
            happened.count(done ? "calls there though not answered" : "calls gone that were not answered");
        }
        open = null;
    }

    private static int attempts(Map<String, Found> found, Known job) {
        Found its = found.get(job.text);
        return its == null ? -1 : its.job().attempts();
    }

    private void compare(Map<String, Found> found) {
        long now = time.millis();
        Set<String> unknown = new HashSet<>(found.keySet());
        unknown.removeAll(known.keySet());
        check(unknown.isEmpty(), () -> "nobody enqueued " + unknown);
        for (Known job : known.values()) {
            Found its = found.get(job.text);
            if (job.gone) {
                check(its == null, () -> "it was acked or purged, and is back: " + its);
                continue;
            }
            check(its != null, () -> "job " + job.id + " has vanished after attempt " + job.attempts);
            check(its.job().priority() == job.priority, () -> "priority " + job.priority + " became " + its);
            if (its.letter()) {
                check(job.letter || job.isLost(now), () -> "it was given up too early: " + its);
                int attempts = its.job().origin().orElseThrow().attempts();
                check(attempts == job.attempts, () -> "after attempt " + job.attempts + ", a dead letter: " + its);
            } else {
                check(!job.letter, () -> "it was a dead letter, and is back: " + its);
                check(job.id == NOT_ANSWERED || its.job().id() == job.id, () -> "job " + job.id + " became " + its);
                check(its.job().attempts() == job.attempts, () -> "after attempt " + job.attempts + " it is " + its);
                check(
                        its.job().visible().toEpochMilli() == job.visible,
                        () -> "it is to be visible at " + job.visible + ", and is " + its);
            }
        }
    }

    private void adopt(Known job, @Nullable Found its) {
        if (its != null && its.letter() && !job.letter) {
            happened.count("dead letters");
            job.letter = true;
            job.lease = null;
        }
        if (its != null && !its.letter() && job.id == NOT_ANSWERED) {
            job.id = its.job().id();
            lastId = Math.max(lastId, job.id);
        }
    }
}
