// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.proto.stream.v1.FateCounts;
import io.fiso.proto.stream.v1.PartitionProgress;
import io.fiso.proto.stream.v1.Progress;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The partitions of a run's sources, each as its holder last told of it. Who holds one tells its totals over all instances of the run (guarantee D10), so
 * that these add up to the run's: nothing is added when a source is replaced, and a partition whose holder is down keeps its last word
 * until the next holder speaks.
 */
final class PartitionTotals {
    private final Map<Key, Entry> entries =
            new TreeMap<>(Comparator.comparing(Key::component).thenComparing(Key::partition));

    /** A partition of a source. */
    record Key(String component, String partition) {}

    /** A partition whose committed totals are fewer than they were: something counted there is lost. */
    record Regress(Key partition, long before, long after) {}

    private static final class Entry {
        ReplicaId holder;
        PartitionProgress last;
        /** How often in a row another replica told of fewer committed events than are known. */
        int doubts;

        Entry(ReplicaId holder, PartitionProgress last) {
            this.holder = holder;
            this.last = last;
        }
    }

    /** Takes in what a source replica tells of its partitions; the committed totals that went back. */
    List<Regress> report(ReplicaId replica, Progress progress) {
        if (progress.getPartitionsCount() == 0 && progress.getEventsIn() > 0) {
            // A source that names no partitions is counted as one, since its last start.
            boolean held = entries.values().stream()
                    .anyMatch(entry -> entry.holder.equals(replica)
                            && !entry.last.getPartition().isEmpty());
            if (!held) {
                entries.put(new Key(replica.component(), replica.toString()), new Entry(replica, whole(progress)));
            }
            return List.of();
        }
        return progress.getPartitionsList().stream()
                .map(partition -> report(replica, partition))
                .flatMap(Optional::stream)
                .toList();
    }

    private static PartitionProgress whole(Progress progress) {
        return PartitionProgress.newBuilder()
                .setPosition(-1)
                .setCommitted(-1)
                .setLag(-1)
                .setAccepted(progress.getEventsIn())
                .setSettled(progress.getSettled())
                .setUnsettled(progress.getInFlight())
                .build();
    }

    private Optional<Regress> report(ReplicaId replica, PartitionProgress told) {
        Key key = new Key(replica.component(), told.getPartition());
        Entry known = entries.get(key);
        if (known == null) {
            entries.put(key, new Entry(replica, told));
            return Optional.empty();
        }
        long before = Fates.total(known.last.getCommittedSettled());
        long after = Fates.total(told.getCommittedSettled());
        boolean back = after < before;
        // While a partition changes hands, an older word of its last holder may come in after the first of the next.
        if (back && !known.holder.equals(replica) && known.doubts++ == 0) {
            return Optional.empty();
        }
        known.doubts = 0;
        known.holder = replica;
        known.last = told;
        return back ? Optional.of(new Regress(key, before, after)) : Optional.empty();
    }

    /** What is known of the partitions that this replica was the last to hold. */
    List<PartitionProgress> of(ReplicaId replica) {
        return entries.values().stream()
                .filter(entry -> entry.holder.equals(replica)
                        && !entry.last.getPartition().isEmpty())
                .map(entry -> entry.last)
                .toList();
    }

    private Stream<Entry> entries(Predicate<String> sources) {
        return entries.entrySet().stream()
                .filter(entry -> sources.test(entry.getKey().component()))
                .map(Map.Entry::getValue);
    }

    /** Events accepted by these sources in this run. */
    long accepted(Predicate<String> sources) {
        return entries(sources).mapToLong(entry -> entry.last.getAccepted()).sum();
    }

    /** Those of them that are not settled. */
    long unsettled(Predicate<String> sources) {
        return entries(sources).mapToLong(entry -> entry.last.getUnsettled()).sum();
    }

    /** What became of the others. */
    FateCounts settled(Predicate<String> sources) {
        return entries(sources)
                .map(entry -> entry.last.getSettled())
                .reduce(FateCounts.getDefaultInstance(), Fates::sum);
    }

    /** How many records wait outside for a source beyond what it has accepted; empty unless it has said so of every partition. */
    OptionalLong waiting(String source) {
        List<Long> lags =
                entries(source::equals).map(entry -> entry.last.getLag()).toList();
        return lags.isEmpty() || lags.stream().anyMatch(lag -> lag < 0)
                ? OptionalLong.empty()
                : OptionalLong.of(lags.stream().mapToLong(Long::longValue).sum());
    }
}
