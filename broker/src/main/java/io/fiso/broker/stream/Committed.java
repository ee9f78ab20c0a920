// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import com.google.protobuf.InvalidProtocolBufferException;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.View;
import io.fiso.proto.broker.stored.v1.StoredGroup;
import io.fiso.proto.broker.stored.v1.StoredOffset;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is kept of groups: each one's last generation, and the offset it has committed of every partition. */
final class Committed {
    private Committed() {}

    /** Every group's last generation, by name. */
    static SortedMap<String, Long> generations(View view, long stream) {
        SortedMap<String, Long> found = new TreeMap<>();
        view.scan(Tables.groups(stream), null, entry -> {
            String name = new String(entry.key(), StandardCharsets.UTF_8);
            found.put(name, generation(name, entry.value()));
            return true;
        });
        return found;
    }

    /** Empty if there is no such group. */
    static OptionalLong generation(View view, long stream, String group) {
        byte[] stored = view.get(Tables.groups(stream), Tables.groupKey(group));
        return stored == null ? OptionalLong.empty() : OptionalLong.of(generation(group, stored));
    }

    static void putGeneration(Change change, long stream, String group, long generation) {
        change.put(
                Tables.groups(stream),
                Tables.groupKey(group),
                StoredGroup.newBuilder().setGeneration(generation).build().toByteArray());
    }

    /** 0 if there is no such group. */
    static long offset(View view, long stream, String group, int partition) {
        return position(view, stream, group, partition).offset();
    }

    /** The same, with what was said with it. */
    static Position position(View view, long stream, String group, int partition) {
        byte[] stored = view.get(Tables.committed(stream), Tables.committedKey(group, partition));
        try {
            StoredOffset offset = stored == null ? StoredOffset.getDefaultInstance() : StoredOffset.parseFrom(stored);
            return new Position(partition, offset.getOffset(), offset.getNote());
        } catch (InvalidProtocolBufferException e) {
            throw damaged(group, e);
        }
    }

    static void put(Change change, long stream, String group, Position position, long nowMillis) {
        change.put(
                Tables.committed(stream),
                Tables.committedKey(group, position.partition()),
                StoredOffset.newBuilder()
                        .setOffset(position.offset())
                        .setCommitMillis(nowMillis)
                        .setNote(position.note())
                        .build()
                        .toByteArray());
    }

    /** Forgets a group. */
    static void remove(Change change, long stream, String group, int partitions) {
        change.delete(Tables.groups(stream), Tables.groupKey(group));
        for (int partition = 0; partition < partitions; partition++) {
            change.delete(Tables.committed(stream), Tables.committedKey(group, partition));
        }
    }

    static void removeAll(Change change, long stream) {
        change.drop(Tables.groups(stream));
        change.drop(Tables.committed(stream));
    }

    /** What the slowest group has committed of a partition; empty if there is no group. */
    static OptionalLong least(View view, long stream, int partition) {
        return generations(view, stream).keySet().stream()
                .mapToLong(group -> offset(view, stream, group, partition))
                .min();
    }

    private static long generation(String group, byte[] stored) {
        try {
            return StoredGroup.parseFrom(stored).getGeneration();
        } catch (InvalidProtocolBufferException e) {
            throw damaged(group, e);
        }
    }

    private static BrokerException damaged(String group, InvalidProtocolBufferException cause) {
        return new BrokerException(
                Kind.INTERNAL,
                "broker.store_damaged",
                "what is kept of the group \"" + group + "\" cannot be read: " + cause,
                cause);
    }
}
