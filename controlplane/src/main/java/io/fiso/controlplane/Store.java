// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keys and values in tables, for one control plane.
 *
 * <ol>
 *   <li>{@link #write} applies all or nothing, and returns when it would survive a loss of power, if the store is durable at all.
 *   <li>Reads see every write that has returned. Keys of a table are listed in their natural order.
 *   <li>Any thread may call; a write waits for the one before it.
 * </ol>
 */
interface Store extends AutoCloseable {
    /** A change: a value to set, or none to delete. */
    record Change(String table, String key, Optional<byte[]> value) {
        static Change put(String table, String key, byte[] value) {
            return new Change(table, key, Optional.of(value));
        }

        static Change delete(String table, String key) {
            return new Change(table, key, Optional.empty());
        }
    }

    void write(List<Change> changes);

    Optional<byte[]> read(String table, String key);

    /** The whole table, ordered by key. */
    Map<String, byte[]> readAll(String table);

    @Override
    void close();
}
