// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The tables of streams, as far as it has looked at them. */
final class StreamTables {
    /** Of the segments that were there, by the stream's number. */
    private final Map<Long, Set<String>> segments = new TreeMap<>();

    /** The blocks of a segment that was dropped are gone. */
    void checkSegments(Store store, long stream) {
        Set<String> known = segments.computeIfAbsent(stream, _ -> new TreeSet<>());
        store.read(view -> {
            Set<String> there = new TreeSet<>();
            for (Entry entry : KeptTables.entries(view, of(stream, "segments"))) {
                ByteBuffer key = ByteBuffer.wrap(entry.key());
                there.add(of(stream, key.getShort() + "/" + key.getLong()));
            }
            known.addAll(there);
            Set<String> dropped = new TreeSet<>(known);
            dropped.removeAll(there);
            KeptTables.checkNothing(view, dropped, "a segment that was dropped");
            return true;
        });
    }

    /** Each group has committed an offset of each partition, and nobody else has. */
    static void checkGroups(Store store, long stream, int groups, int partitions) {
        store.read(view -> {
            KeptTables.checkCount(view, Set.of(of(stream, "groups")), groups, "groups");
            KeptTables.checkCount(
                    view, Set.of(of(stream, "committed")), (long) groups * partitions, "committed offsets");
            return true;
        });
    }

    Set<String> all(long stream) {
        Set<String> all = new TreeSet<>(segments.getOrDefault(stream, Set.of()));
        for (String what : new String[] {"segments", "groups", "committed"}) {
            all.add(of(stream, what));
        }
        return all;
    }

    private static String of(long stream, String what) {
        return "stream/" + stream + "/" + what;
    }
}
