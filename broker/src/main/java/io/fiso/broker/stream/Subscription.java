// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.store.Store;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pushes records of some partitions as they become durable. One thread runs it; credits, signs of life and the end come from any other. It polls nothing:
 * it sleeps until there is credit, room and something to send.
 */
public final class Subscription {
    /** How much one push has at most, but for a single record that is larger. */
    static final long PUSH_BYTES_MAX = 1024L * 1024;

    static final int PUSH_RECORDS_MAX = 1_000;

    private final Store store;
    private final Partitions partitions;
    private final Groups groups;
    private final InstantSource clock;
    private final Resource stream;
    private final Optional<Member> member;
    private final Optional<Group> group;
    private final boolean skipMissing;
    private final Consumer<Subscription> ended;
    private final List<Cursor> cursors = new ArrayList<>();
    private final Runnable wake = this::wake;
    private int turn;
    private long sentRecords;
    private long sentBytes;
    private volatile Credit credit = new Credit(0, 0);
    private volatile boolean cancelled;
    private volatile @Nullable RuntimeException failure;
    private volatile boolean woken;
    private volatile @Nullable Thread thread;

    /** For whom a subscription is: it ends when the generation does. */
    public record Member(String group, String id, long generation) {}

    /** What may have been sent in all since the beginning. */
    private record Credit(long records, long bytes) {}

    /** Takes what is pushed, on the thread that runs the subscription. */
    public interface Receiver {
        /** Whether {@link #take} would not have to store what it gets. Who says no wakes the subscription when that changes. */
        boolean ready();

        void take(int partition, Slice slice);
    }

    private static final class Cursor {
        private final int partition;
        private final LiveEnd end;
        private long next;

        Cursor(int partition, LiveEnd end, long next) {
            this.partition = partition;
            this.end = end;
            this.next = next;
        }
    }

    Subscription(
            Store store,
            Partitions partitions,
            Groups groups,
            InstantSource clock,
            Resource stream,
            Optional<Member> member,
            boolean skipMissing,
            Consumer<Subscription> ended) {
        this.store = store;
        this.partitions = partitions;
        this.groups = groups;
        this.clock = clock;
        this.stream = stream;
        this.member = member;
        this.skipMissing = skipMissing;
        this.ended = ended;
        this.group = member.map(who -> groups.find(stream, who.group(), who.id()));
    }

    void resolve(SortedMap<Integer, Start> starts, Start otherwise) {
        requireCurrent();
        SortedMap<Integer, Start> all = new TreeMap<>(starts);
        List<Integer> own =
                member.map(who -> group.orElseThrow().roster().of(who.id())).orElse(List.of());
        store.read(view -> {
            if (all.isEmpty() && member.isPresent()) {
                own.forEach(partition -> all.put(
                        partition,
                        new Start.At(groups.committed(view, stream, member.get().group(), partition))));
            } else if (all.isEmpty()) {
                for (int partition = 0; partition < stream.stream().partitions(); partition++) {
                    all.put(partition, otherwise);
                }
            }
            all.forEach((partition, start) -> {
                Partitions.id(stream, partition);
                if (member.isPresent() && !own.contains(partition)) {
                    throw new BrokerException(
                            Kind.REFUSED,
                            "broker.partition_not_assigned",
                            "partition " + partition + " is not assigned to \""
                                    + member.get().id() + "\"");
                }
                PartitionReader reader = partitions.reader(view, stream, partition);
                long next = reader.resolve(start);
                if (next < reader.earliest() && !skipMissing) {
                    reader.read(next, 1, 1, false);
                }
                cursors.add(new Cursor(partition, partitions.end(view, stream, partition), next));
            });
            return all;
        });
    }

    /** Where it begins, by partition. */
    public List<Position> positions() {
        return cursors.stream()
                .map(cursor -> new Position(cursor.partition, cursor.next))
                .toList();
    }

    /** Allows so much in all since the beginning. */
    public void credit(long records, long bytes) {
        Credit before = credit;
        if (records < before.records || bytes < before.bytes) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.credit_invalid",
                    "credit is " + records + " records and " + bytes + " bytes, after " + before.records + " and "
                            + before.bytes + "; it counts from the beginning, so it cannot fall");
        }
        credit = new Credit(records, bytes);
        wake();
    }

    /** A sign of life of the member it is for. */
    public void heartbeat() {
        member.ifPresent(who -> groups.renew(stream, who.group(), who.id(), who.generation()));
    }

    /** Looks again whether there is something to do. */
    public void wake() {
        woken = true;
        LockSupport.unpark(thread);
    }

    /** Whether it was woken and has not looked yet. */
    boolean woken() {
        return woken;
    }

    /** Ends it; {@link #run} returns. */
    public void cancel() {
        cancelled = true;
        wake();
    }

    /** Ends it; {@link #run} throws this. */
    public void fail(RuntimeException cause) {
        failure = cause;
        wake();
    }

    /**
     * Pushes until it is cancelled.
     *
     * @throws BrokerException if the stream is removed, retention has overtaken it, or the member's generation is over
     */
    public void run(Receiver receiver) {
        thread = Thread.currentThread();
        cursors.forEach(cursor -> cursor.end.listen(wake));
        group.ifPresent(there -> there.listen(wake));
        try {
            while (!cancelled) {
                woken = false;
                requireCurrent();
                if (!receiver.ready() || !push(receiver)) {
                    sleep();
                }
            }
        } finally {
            cursors.forEach(cursor -> cursor.end.unlisten(wake));
            group.ifPresent(there -> there.unlisten(wake));
            end();
        }
    }

    /** Forgets it, if it was never run either. */
    public void end() {
        cancelled = true;
        ended.accept(this);
    }

    private void sleep() {
        while (!woken && !cancelled) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                cancelled = true;
            }
        }
    }

    private void requireCurrent() {
        RuntimeException known = failure;
        if (known != null) {
            throw known;
        }
        if (partitions.live(stream).removed()) {
            throw Tail.gone();
        }
        if (member.isPresent()) {
            Member who = member.get();
            group.orElseThrow().requireCurrent(who.id(), who.generation());
            if (!group.get().alive(who.id(), clock.millis())) {
                throw group.get().unknown(who.id());
            }
        }
    }

    /** Whether something was sent. */
    private boolean push(Receiver receiver) {
        Credit granted = credit;
        long records = Math.min(granted.records - sentRecords, PUSH_RECORDS_MAX);
        long bytes = Math.min(granted.bytes - sentBytes, PUSH_BYTES_MAX);
        if (records <= 0 || bytes <= 0) {
            return false;
        }
        for (int i = 0; i < cursors.size(); i++) {
            Cursor cursor = cursors.get(turn);
            turn = (turn + 1) % cursors.size();
            if (cursor.next < cursor.end.offset()) {
                Slice slice = store.read(view -> partitions
                        .reader(view, stream, cursor.partition)
                        .read(cursor.next, (int) records, bytes, skipMissing));
                if (!slice.records().isEmpty()) {
                    cursor.next = slice.nextOffset();
                    sentRecords += slice.records().size();
                    sentBytes += slice.bytes();
                    receiver.take(cursor.partition, slice);
                    return true;
                }
            }
        }
        return false;
    }
}
