// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Forgets everything with the process. */
final class MemoryStore implements Store {
    private final Map<String, TreeMap<String, byte[]>> tables = new HashMap<>();

    @Override
    public synchronized void write(List<Change> changes) {
        for (Change change : changes) {
            TreeMap<String, byte[]> table = tables.computeIfAbsent(change.table(), _ -> new TreeMap<>());
            change.value().ifPresentOrElse(value -> table.put(change.key(), value), () -> table.remove(change.key()));
        }
    }

    @Override
    public synchronized Optional<byte[]> read(String table, String key) {
        return Optional.ofNullable(tables.getOrDefault(table, new TreeMap<>()).get(key));
    }

    @Override
    public synchronized Map<String, byte[]> readAll(String table) {
        return new TreeMap<>(tables.getOrDefault(table, new TreeMap<>()));
    }

    @Override
    public void close() {}
}
