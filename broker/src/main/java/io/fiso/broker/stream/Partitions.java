// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.View;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Gives access to partitions: to the end of one within a change, and to what one shows in a view. */
final class Partitions {
    private final Map<Long, LiveStream> live = new ConcurrentHashMap<>();
    /** The numbers of streams that are gone, a bit each: whoever comes late must learn it, and no number is given twice. */
    private final BitSet removed = new BitSet();

    /** Under which a partition's tail is shared within a commit. */
    private record TailKey(PartitionId partition) {}

    LiveStream live(Resource stream) {
        LiveStream there = live.computeIfAbsent(stream.id(), id -> isRemoved(id) ? null : new LiveStream());
        return there == null ? LiveStream.GONE : there;
    }

    /** Forgets a stream, and tells who waits for more of it. */
    void remove(Resource stream) {
        LiveStream[] there = {LiveStream.GONE};
        live.compute(stream.id(), (id, known) -> {
            synchronized (removed) {
                removed.set(Math.toIntExact(id));
            }
            there[0] = known == null ? LiveStream.GONE : known;
            return null;
        });
        there[0].remove();
    }

    private boolean isRemoved(long id) {
        synchronized (removed) {
            return removed.get(Math.toIntExact(id));
        }
    }

    /** How many streams are known. */
    int count() {
        return live.size();
    }

    LiveEnd end(View view, Resource stream, int partition) {
        return live(stream).end(view, id(stream, partition));
    }

    Tail tail(Change change, Resource stream, int partition) {
        PartitionId id = id(stream, partition);
        return change.shared(
                new TailKey(id),
                () -> new Tail(id, change, SegmentLimits.of(stream.stream().retention()), live(stream)));
    }

    /** In a change, it shows what is pending in its commit too. */
    PartitionReader reader(View view, Resource stream, int partition) {
        PartitionId id = id(stream, partition);
        if (view instanceof Change change) {
            Tail tail = tail(change, stream, partition);
            tail.requireThere();
            tail.flush();
            return new PartitionReader(view, id, tail.endOffset());
        }
        return new PartitionReader(view, id, live(stream).end(view, id).offset());
    }

    /** @throws BrokerException if the stream has no such partition */
    static PartitionId id(Resource stream, int partition) {
        int partitions = stream.stream().partitions();
        if (partition < 0 || partition >= partitions) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.partition_invalid",
                    stream.name() + " has no partition " + partition + "; it has " + partitions + ", counted from 0");
        }
        return new PartitionId(stream.id(), partition);
    }
}
