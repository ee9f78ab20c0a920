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
import io.fiso.broker.queue.JobState;
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
    /** How many dead letters one commit puts back. */
    private static final int REPLAYED_TOGETHER = 16;

    private static final int LEASES_KEPT = 50;
    private static final long LEASE_MILLIS = 30_000;

    private record Found(Job job, String text, boolean letter) {}

    private final Map<String, KnownJob> known = new TreeMap<>();
    /** Tokens of leases that are over: the job was given back, or handed out again. */
    private final List<LeaseToken> former = new ArrayList<>();

    private int attemptsMax;
    private int purges;
    private long lastId;
    private int texts;
    private Store store;
    private Catalogue catalogue;
    private Queues queues;
    private @Nullable OpenCall open;

    QueueWorkload(Durability durability, Happened happened) {
        super(MAILS, durability, happened);
    }

    @Override
    Settings settings(Random chance) {
        // With one, dead letters come soon.
        attemptsMax = 1 + chance.nextInt(2);
        return new Settings.Queue(Duration.ofMillis(LEASE_MILLIS), attemptsMax, Optional.empty());
    }

    /** Jobs take a few calls each until they are dead letters. */
    @Override
    public int operationsMax() {
        return 200;
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
        int what = chance.nextInt(27);
        if (what < 5) {
            enqueue(disk, chance, chance.nextInt(6) == 0 ? 24 : 4);
        } else if (what < 11) {
            reserve(disk, 1 + chance.nextInt(chance.nextInt(4) == 0 ? 30 : 3));
        } else if (what < 17) {
            settle(disk, chance);
        } else if (what < 19) {
            long by = chance.nextInt(chance.nextInt(3) == 0 ? 40_000 : 2_000);
            quietly(disk, () -> time.advanceMillis(by));
        } else if (what < 21) {
            useWrongToken(disk, chance);
        } else if (what == 26) {
            loseMany(disk, chance);
        } else if (open == null && look(disk)) {
            if (what == 21 && chance.nextInt(3) == 0) {
                purge(disk);
            } else if (what > 21) {
                replay(disk, chance);
            }
        }
    }

    /** Nobody acks any until their last leases are over; and somebody puts them back. */
    private void loseMany(SimulatedDisk disk, Random chance) {
        enqueue(disk, chance, 40);
        for (int attempt = 0; attempt < attemptsMax && open == null; attempt++) {
            reserve(disk, 40);
            quietly(disk, () -> time.advanceMillis(LEASE_MILLIS));
        }
        if (open == null && look(disk)) {
            replay(disk, chance);
        }
    }

    private void enqueue(SimulatedDisk disk, Random chance, int max) {
        List<KnownJob> jobs = new ArrayList<>();
        List<NewJob> asked = new ArrayList<>();
        for (int i = 1 + chance.nextInt(max); i > 0; i--) {
            long delay = chance.nextInt(3) == 0 ? chance.nextInt(20_000) : 0;
            int padding = max < 10 && chance.nextInt(3) == 0 ? chance.nextInt(8_000) : chance.nextInt(80);
            KnownJob job = new KnownJob(++texts + "/" + "x".repeat(padding), chance.nextInt(10), time.millis() + delay);
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
            refused(answered, new OpenCall.Enqueue(jobs));
        }
    }

    /** Its last lease is over: it is a dead letter, or will be. */
    private boolean isLost(KnownJob job) {
        return job.attempts >= attemptsMax && job.visible <= time.millis();
    }

    private void setLease(KnownJob job, @Nullable LeaseToken lease) {
        if (job.lease != null) {
            former.add(job.lease);
            if (former.size() > LEASES_KEPT) {
                former.removeFirst();
            }
        }
        job.lease = lease;
    }

    private List<KnownJob> ready() {
        long now = time.millis();
        return known.values().stream()
                .filter(job -> job.isThere() && job.attempts < attemptsMax && job.visible <= now)
                .sorted(Comparator.<KnownJob>comparingInt(job -> -job.priority)
                        .thenComparingLong(job -> job.visible)
                        .thenComparingLong(job -> job.id))
                .toList();
    }

    private void reserve(SimulatedDisk disk, int max) {
        List<KnownJob> expected = ready().stream().limit(max).toList();
        long end = time.millis() + LEASE_MILLIS;
        Answered<List<Delivery>> answered =
                attempt(disk, () -> queues.reserve(MAILS, max, Optional.empty(), Duration.ZERO, Patience.UNLIMITED));
        List<Delivery> deliveries = answered.result();
        if (deliveries == null) {
            refused(answered, new OpenCall.Reserve(expected, end));
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
            KnownJob job = expected.get(i);
            Job delivered = deliveries.get(i).job();
            check(
                    delivered.attempts() == job.attempts + 1,
                    "job " + job.id + " was handed out as attempt " + delivered.attempts() + " after " + job.attempts);
            check(delivered.id() == job.id && delivered.priority() == job.priority, "another job than " + job.id);
            job.attempts = delivered.attempts();
            job.visible = end;
            setLease(job, deliveries.get(i).lease());
        }
    }

    private void settle(SimulatedDisk disk, Random chance) {
        List<KnownJob> leased =
                known.values().stream().filter(job -> job.lease != null).toList();
        if (leased.isEmpty()) {
            return;
        }
        KnownJob job = leased.get(chance.nextInt(leased.size()));
        LeaseToken lease = job.lease;
        boolean current = job.isThere() && job.visible > time.millis();
        switch (chance.nextInt(5)) {
            case 0, 1 -> {
                Answered<Boolean> answered = attempt(disk, () -> queues.ack(MAILS, lease));
                if (answered.isDone() && Boolean.TRUE.equals(answered.result())) {
                    check(job.gone, "an ack was taken for a repeated one");
                } else if (isTaken(answered, current, new OpenCall.Ack(job))) {
                    passed("jobs acked");
                    job.gone = true;
                }
            }
            case 2, 3 -> {
                long delay = chance.nextBoolean() ? 0 : chance.nextInt(10_000);
                long visible = time.millis() + delay;
                Answered<Optional<ResourceName>> answered =
                        attempt(disk, () -> queues.nack(MAILS, lease, Duration.ofMillis(delay), "not now"));
                if (isTaken(answered, current, new OpenCall.Nack(job, visible))) {
                    passed("jobs given back");
                    boolean last = job.attempts >= attemptsMax;
                    check(
                            last == answered.result().isPresent(),
                            "after attempt " + job.attempts + " it went to " + answered.result());
                    job.letter = last;
                    job.visible = visible;
                    setLease(job, null);
                }
            }
            default -> {
                long visible = time.millis() + 5_000;
                Answered<Instant> answered =
                        attempt(disk, () -> queues.extend(MAILS, lease, Optional.of(Duration.ofSeconds(5))));
                if (isTaken(answered, current, new OpenCall.Extend(job, visible))) {
                    passed("leases extended");
                    job.visible = visible;
                }
            }
        }
    }

    /** One that is over is of no use, and neither is one that was guessed: whatever it is used for. */
    private void useWrongToken(SimulatedDisk disk, Random chance) {
        List<LeaseToken> wrong = new ArrayList<>(former);
        known.values().stream()
                .filter(job -> job.isThere() && job.lease != null)
                .forEach(job -> {
                    LeaseToken lease = job.lease;
                    wrong.add(new LeaseToken(
                            lease.queue(), lease.job(), lease.attempt(), new byte[lease.secret().length]));
                });
        if (wrong.isEmpty()) {
            return;
        }
        LeaseToken lease = wrong.get(chance.nextInt(wrong.size()));
        Answered<?> answered = switch (chance.nextInt(3)) {
            case 0 -> attempt(disk, () -> queues.ack(MAILS, lease));
            case 1 -> attempt(disk, () -> queues.nack(MAILS, lease, Duration.ZERO, "not now"));
            default -> attempt(disk, () -> queues.extend(MAILS, lease, Optional.empty()));
        };
        isTaken(answered, false, null);
        happened.count("wrong tokens used");
    }

    private boolean isTaken(Answered<?> answered, boolean current, @Nullable OpenCall otherwise) {
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
        List<KnownJob> there = known.values().stream().filter(KnownJob::isThere).toList();
        purges++;
        Answered<Boolean> answered = attempt(disk, () -> {
            queues.purge(MAILS);
            return true;
        });
        if (answered.isDone()) {
            passed("queues purged");
            there.forEach(job -> job.gone = true);
        } else {
            refused(answered, there.isEmpty() ? null : new OpenCall.Purge(there));
        }
    }

    private void replay(SimulatedDisk disk, Random chance) {
        Answered<Map<String, Found>> letters = attempt(disk, this::found);
        if (letters.result() == null) {
            return;
        }
        boolean all = chance.nextInt(3) == 0;
        List<KnownJob> jobs = known.values().stream()
                .filter(job -> job.letter && (all || chance.nextInt(3) > 0))
                .sorted(Comparator.comparingLong(job -> number(letters.result(), job)))
                .toList();
        if (jobs.isEmpty()) {
            return;
        }
        List<Long> numbers =
                jobs.stream().map(job -> number(letters.result(), job)).toList();
        long now = time.millis();
        Answered<Replayed> answered =
                attempt(disk, () -> all ? queues.replayAll(LETTERS) : queues.replay(LETTERS, numbers));
        if (answered.result() != null) {
            passed("dead letters put back");
            check(
                    answered.result().replayed() == jobs.size(),
                    () -> "of " + jobs.size() + " were put back: " + answered.result());
            jobs.forEach(job -> putBack(job, now));
            if (jobs.size() > REPLAYED_TOGETHER) {
                happened.count("many dead letters put back");
            }
            look(disk);
            return;
        }
        refused(answered, new OpenCall.Replay(jobs, now));
        if (!answered.isUnknown() && jobs.size() > REPLAYED_TOGETHER) {
            // Those of the first commits may be back.
            Answered<Map<String, Found>> after = attempt(disk, this::found);
            if (after.result() == null) {
                open = new OpenCall.Replay(jobs, now);
            } else {
                settleReplay(jobs, now, after.result());
            }
        }
    }

    private static long number(Map<String, Found> found, KnownJob job) {
        return found.get(job.text).job().id();
    }

    /** It is there as if it were new, under a number that nobody was told. */
    private void putBack(KnownJob job, long now) {
        job.letter = false;
        job.id = KnownJob.NOT_ANSWERED;
        job.attempts = 0;
        job.visible = now;
        setLease(job, null);
    }

    /** The first commits are there, each of them whole. */
    private boolean settleReplay(List<KnownJob> jobs, long visible, Map<String, Found> found) {
        int back = 0;
        for (KnownJob job : jobs) {
            Found its = found.get(job.text);
            if (its == null || its.letter()) {
                break;
            }
            putBack(job, visible);
            back++;
        }
        int many = back;
        check(
                back == jobs.size() || back % REPLAYED_TOGETHER == 0,
                () -> "of " + jobs.size() + " that were to be put back, " + many + " are");
        return back > 0;
    }

    private void passed(String what) {
        check(open == null, "a call passed after one of which nothing is known");
        happened.count(what);
    }

    private void refused(Answered<?> answered, @Nullable OpenCall call) {
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
        attemptsMax = resource.queue().attemptsMax();
        settleOpen(found());
        beforeRemoval();
        // What is due rings now: no job is left leased because the broker was away when its last lease ended.
        time.advanceMillis(0);
        beforeRemoval();
        check(
                known.values().stream().noneMatch(job -> job.isThere() && isLost(job)),
                () -> "at " + time.millis() + " the last lease of some is over, and they are no dead letters");
        checkTables(resource.id());
    }

    /** Each job once in each table, and those of the last leases only of those that there are. */
    private void checkTables(long number) {
        List<KnownJob> there = known.values().stream().filter(KnownJob::isThere).toList();
        long last = there.stream().filter(job -> job.attempts >= attemptsMax).count();
        long letters = known.values().stream().filter(job -> job.letter).count();
        store.read(view -> {
            QueueTables.check(view, number, purges, there.size(), last);
            catalogue.find(view, LETTERS).ifPresent(queue -> QueueTables.check(view, queue.id(), 0, letters, 0));
            return true;
        });
    }

    @Override
    Set<String> tablesOf(long number) {
        return QueueTables.all(number, purges);
    }

    /** Takes the call of which nothing was known for done, if what there is says so. */
    private void settleOpen(Map<String, Found> found) {
        boolean done = switch (open) {
            case null -> false;
            case OpenCall.Enqueue(var jobs) -> {
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
            case OpenCall.Reserve(var jobs, long end) -> {
                boolean all = !jobs.isEmpty() && attempts(found, jobs.getFirst()) == jobs.getFirst().attempts + 1;
                if (all) {
                    jobs.forEach(job -> {
                        job.attempts++;
                        job.visible = end;
                        setLease(job, null);
                    });
                }
                yield all;
            }
            case OpenCall.Ack(KnownJob job) -> {
                job.gone = !found.containsKey(job.text);
                yield job.gone;
            }
            case OpenCall.Nack(KnownJob job, long visible) -> {
                Found its = found.get(job.text);
                boolean gone = its != null && its.letter();
                boolean back = its != null
                        && !gone
                        && its.job().state() != JobState.LEASED
                        && its.job().visible().toEpochMilli() == visible;
                if (gone || back) {
                    job.letter = gone;
                    job.visible = visible;
                    setLease(job, null);
                }
                yield gone || back;
            }
            case OpenCall.Purge(var jobs) -> {
                boolean gone = !found.containsKey(jobs.getFirst().text);
                if (gone) {
                    jobs.forEach(job -> job.gone = true);
                }
                yield gone;
            }
            case OpenCall.Replay(var jobs, long visible) -> settleReplay(jobs, visible, found);
            case OpenCall.Extend(KnownJob job, long visible) -> {
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

    private static int attempts(Map<String, Found> found, KnownJob job) {
        Found its = found.get(job.text);
        return its == null ? -1 : its.job().attempts();
    }

    private void compare(Map<String, Found> found) {
        Set<String> unknown = new HashSet<>(found.keySet());
        unknown.removeAll(known.keySet());
        check(unknown.isEmpty(), () -> "nobody enqueued " + unknown);
        for (KnownJob job : known.values()) {
            Found its = found.get(job.text);
            if (job.gone) {
                check(its == null, () -> "it was acked or purged, and is back: " + its);
                continue;
            }
            check(its != null, () -> "job " + job.id + " has vanished after attempt " + job.attempts);
            check(its.job().priority() == job.priority, () -> "priority " + job.priority + " became " + its);
            if (its.letter()) {
                check(job.letter || isLost(job), () -> "it was given up too early: " + its);
                int attempts = its.job().origin().orElseThrow().attempts();
                check(attempts == job.attempts, () -> "after attempt " + job.attempts + ", a dead letter: " + its);
            } else {
                check(!job.letter, () -> "it was a dead letter, and is back: " + its);
                check(
                        job.id == KnownJob.NOT_ANSWERED || its.job().id() == job.id,
                        () -> "job " + job.id + " became " + its);
                check(its.job().attempts() == job.attempts, () -> "after attempt " + job.attempts + " it is " + its);
                check(
                        its.job().visible().toEpochMilli() == job.visible,
                        () -> "it is to be visible at " + job.visible + ", and is " + its);
            }
        }
    }

    private void adopt(KnownJob job, @Nullable Found its) {
        if (its != null && its.letter() && !job.letter) {
            happened.count("dead letters");
            job.letter = true;
            setLease(job, null);
        }
        if (its != null && !its.letter() && job.id == KnownJob.NOT_ANSWERED) {
            job.id = its.job().id();
            lastId = Math.max(lastId, job.id);
        }
    }
}
