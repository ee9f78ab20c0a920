// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceKind;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings.Retention;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.Store;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;

/**
 * The streams of a store.
 *
 * <ol>
 *   <li>Offsets of a partition begin at 0, are dense, never given twice and never go back: not by a crash, nor by retention.
 *   <li>{@link #append} returns when its records are as durable as the stream asks, all of them or none. What one caller appends to a partition is there in
 *       the order of its calls.
 *   <li>Nobody is given a record, read or pushed, before it is that durable.
 *   <li>A read has no holes: what retention has taken is an error or counted as skipped, as the caller wants.
 *   <li>All calls may come from any thread, virtual ones too, and block. One instance per store.
 * </ol>
 */
public final class Streams implements AutoCloseable {
    public static final int READ_RECORDS_MAX = Appends.RECORDS_MAX;
    public static final int READ_BYTES_MAX = Appends.BYTES_MAX;
    /** How many subscriptions there are at once. */
    static final int SUBSCRIPTIONS_MAX = 10_000;
    /** How much appends that wait for their commit hold together; more wait outside. */
    private static final int WAITING_KIB_MAX = 64 * 1024;

    private final Store store;
    private final Catalogue catalogue;
    private final InstantSource clock;
    private final Partitions partitions = new Partitions();
    private final Appends appends;
    private final Retainer retainer;
    private final Groups groups;
    private final Map<ResourceName, Resource> known = new ConcurrentHashMap<>();
    private final Map<Subscription, Boolean> subscriptions = new ConcurrentHashMap<>();
    private final Semaphore waiting = new Semaphore(WAITING_KIB_MAX, true);
    private final LongAdder appendedRecords = new LongAdder();
    private final LongAdder appendedBytes = new LongAdder();
    private volatile boolean closed;

    /** Under which a removal is known within its commit. */
    private record RemovalKey(long stream) {}

    public Streams(Store store, Catalogue catalogue, InstantSource clock) {
        this.store = store;
        this.catalogue = catalogue;
        this.clock = clock;
        this.appends = new Appends(partitions, clock);
        this.retainer = new Retainer(partitions);
        this.groups =
                new Groups(store, partitions, clock, () -> UUID.randomUUID().toString());
    }

    public Groups groups() {
        return groups;
    }

    /** @throws BrokerException if this is no stream, or there is none */
    public Resource require(ResourceName name) {
        requireStream(name);
        Resource there = known.get(name);
        if (there != null && !partitions.live(there).removed()) {
            return there;
        }
        Resource found = store.read(view -> catalogue.require(view, name));
        known.put(name, found);
        return found;
    }

    /**
     * Adds records.
     *
     * @param partition empty for each record to go by its key, and those without one together to the next partition in turn
     * @return where they are, by partition
     */
    public List<Appended> append(ResourceName name, OptionalInt partition, List<NewRecord> records) {
        Resource stream = require(name);
        Appends.Prepared prepared = appends.prepare(stream, partition, records);
        int kib = (int) (prepared.bytes() / 1024) + 1;
        try {
            waiting.acquire(kib);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException(Kind.UNAVAILABLE, "broker.interrupted", "interrupted; nothing was written", e);
        }
        try {
            List<Appended> appended = store.write(stream.durability(), change -> appends.write(change, prepared));
            appendedRecords.add(records.size());
            appendedBytes.add(prepared.bytes());
            return appended;
        } finally {
            waiting.release(kib);
        }
    }

    /** The same as a part of a larger change; the offsets hold if that is committed. */
    public List<Appended> appendIn(Change change, ResourceName name, OptionalInt partition, List<NewRecord> records) {
        requireStream(name);
        return appends.write(change, appends.prepare(catalogue.require(change, name), partition, records));
    }

    /**
     * Reads what is there from a place on; does not wait for more.
     *
     * @param bytesMax one record comes even if it has more
     * @param skipMissing whether to go on at the earliest if the place is no longer kept
     */
    public Slice read(
            ResourceName name, int partition, Start start, int recordsMax, int bytesMax, boolean skipMissing) {
        requireBound("records_max", recordsMax, READ_RECORDS_MAX);
        requireBound("bytes_max", bytesMax, READ_BYTES_MAX);
        Resource stream = require(name);
        return store.read(view -> {
            PartitionReader reader = partitions.reader(view, stream, partition);
            return reader.read(reader.resolve(start), recordsMax, bytesMax, skipMissing);
        });
    }

    public StreamDescription describe(ResourceName name) {
        Resource stream = require(name);
        return store.read(view -> {
            List<PartitionDescription> described = new ArrayList<>();
            for (int partition = 0; partition < stream.stream().partitions(); partition++) {
                LogEnd end = partitions.end(view, stream, partition).end();
                List<Segment> segments = Segment.all(view, Partitions.id(stream, partition));
                long earliest = segments.isEmpty() ? 0 : segments.getFirst().first();
                long bytes = end.sums().bytes()
                        + segments.stream()
                                .filter(segment ->
                                        segment.first() < end.segment().first())
                                .mapToLong(segment -> segment.sealed()
                                        .map(Segment.Sealed::bytes)
                                        .orElse(0L))
                                .sum();
                described.add(new PartitionDescription(
                        partition, Math.min(earliest, end.endOffset()), end.endOffset(), bytes, segments.size()));
            }
            return new StreamDescription(described, groups.describe(view, stream, described));
        });
    }

    /**
     * Opens a subscription; it pushes once it runs.
     *
     * @param starts where to begin, by partition; empty for all partitions, or for what the member is assigned, from what its group has committed
     * @param otherwise where all begin if none is listed and there is no member
     */
    public Subscription subscribe(
            ResourceName name,
            SortedMap<Integer, Start> starts,
            Start otherwise,
            Optional<Subscription.Member> member,
            boolean skipMissing) {
        Resource stream = require(name);
        Subscription made =
                new Subscription(store, partitions, groups, clock, stream, member, skipMissing, subscriptions::remove);
        made.resolve(starts, otherwise);
        if (subscriptions.size() >= SUBSCRIPTIONS_MAX) {
            throw new BrokerException(
                    Kind.EXHAUSTED,
                    "broker.subscriptions_too_many",
                    "there are " + SUBSCRIPTIONS_MAX + " subscriptions, which is the most there can be; try later");
        }
        subscriptions.put(made, true);
        if (closed) {
            made.fail(closed());
        }
        return made;
    }

    /** How many records callers have appended since the start. */
    public long appendedRecords() {
        return appendedRecords.sum();
    }

    /** How many bytes these have, as they are kept. */
    public long appendedBytes() {
        return appendedBytes.sum();
    }

    /** Of how many streams something is kept in memory. */
    int remembered() {
        return partitions.count();
    }

    /** How many subscriptions there are. */
    public int subscriptions() {
        return subscriptions.size();
    }

    /**
     * Lets go what no stream has to keep any more. To be called by a schedule; may be called at any time.
     *
     * @return how many segments went
     * @throws BrokerException the first error, after every partition had its turn
     */
    public int retain() {
        List<Resource> streams = store.read(view -> catalogue.list(view, "").stream()
                .filter(resource -> resource.name().kind() == ResourceKind.STREAM)
                .filter(stream -> !stream.stream().retention().equals(Retention.FOREVER))
                .toList());
        List<BrokerException> errors = new ArrayList<>();
        int dropped = 0;
        for (Resource stream : streams) {
            for (int partition = 0; partition < stream.stream().partitions(); partition++) {
                try {
                    dropped += retain(stream, partition);
                } catch (BrokerException e) {
                    if (e.kind() != Kind.NOT_FOUND) {
                        errors.add(e);
                    }
                }
            }
        }
        if (!errors.isEmpty()) {
            throw errors.getFirst();
        }
        return dropped;
    }

    private int retain(Resource stream, int partition) {
        long now = clock.millis();
        if (!store.read(view -> retainer.due(view, stream, partition, now))) {
            return 0;
        }
        return store.free(Durability.FSYNC, change -> retainer.retain(change, stream, partition, now));
    }

    /** Removes all that a stream holds, of whatever kind the resource is; subscriptions to it end when that is committed. */
    public void removeIn(Change change, Resource resource) {
        if (resource.name().kind() != ResourceKind.STREAM) {
            return;
        }
        for (int partition = 0; partition < resource.stream().partitions(); partition++) {
            partitions.tail(change, resource, partition).remove();
        }
        change.drop(Tables.segments(resource.id()));
        groups.removeIn(change, resource);
        change.shared(new RemovalKey(resource.id()), () -> new Change.Shared() {
            @Override
            public void write(Change last) {}

            @Override
            public void committed() {
                partitions.remove(resource);
                known.remove(resource.name(), resource);
                groups.forgetAll(resource);
            }
        });
    }

    /** Ends every subscription. Appends and reads end with the store. */
    @Override
    public void close() {
        closed = true;
        subscriptions.keySet().forEach(subscription -> subscription.fail(closed()));
    }

    private static BrokerException closed() {
        return new BrokerException(Kind.UNAVAILABLE, "broker.closed", "the broker is shutting down");
    }

    private static void requireStream(ResourceName name) {
        if (name.kind() != ResourceKind.STREAM) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.kind_wrong",
                    "\"" + name + "\" is of kind " + name.kind().segment() + "; this call is for streams");
        }
    }

    private static void requireBound(String what, int value, int max) {
        if (value < 1 || value > max) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker." + what + "_invalid",
                    what + " is " + value + "; it can be 1 to " + max + ", and is not set for the default");
        }
    }
}
