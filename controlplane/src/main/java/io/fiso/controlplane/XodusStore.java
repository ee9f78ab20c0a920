// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.ByteIterable;
import jetbrains.exodus.ExodusException;
import jetbrains.exodus.bindings.StringBinding;
import jetbrains.exodus.env.Cursor;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.env.Transaction;

/** Durable, in an environment of its own: every commit reaches the disk before it is answered. */
final class XodusStore implements Store {
    private final Environment environment;

    private XodusStore(Environment environment) {
        this.environment = environment;
    }

    /** Opens a directory; one process at a time. */
    static XodusStore open(Path directory) {
        EnvironmentConfig config = new EnvironmentConfig()
                .setLogDurableWrite(true)
                .setLogLockTimeout(2_000)
                .setLogCacheShared(false)
                .setMemoryUsage(8L * 1024 * 1024)
                .setManagementEnabled(false)
                .setEnvCloseForcedly(true);
        try {
            return new XodusStore(Environments.newInstance(directory.toFile(), config));
        } catch (ExodusException e) {
            throw new ControlPlaneException(
                    Kind.ENVIRONMENT,
                    "store.not_opened",
                    "the store in " + directory + " cannot be opened: " + e.getMessage()
                            + "; is another control plane using it? (--in-memory does without)",
                    e);
        }
    }

    @Override
    public void write(List<Change> changes) {
        environment.executeInExclusiveTransaction(transaction -> {
            for (Change change : changes) {
                jetbrains.exodus.env.Store table = table(change.table(), transaction);
                ByteIterable key = StringBinding.stringToEntry(change.key());
                change.value()
                        .ifPresentOrElse(
                                value -> table.put(transaction, key, new ArrayByteIterable(value)),
                                () -> table.delete(transaction, key));
            }
        });
    }

    @Override
    public Optional<byte[]> read(String table, String key) {
        return environment.computeInTransaction(transaction -> Optional.ofNullable(
                        table(table, transaction).get(transaction, StringBinding.stringToEntry(key)))
                .map(XodusStore::bytes));
    }

    @Override
    public Map<String, byte[]> readAll(String table) {
        return environment.computeInTransaction(transaction -> {
            Map<String, byte[]> values = new TreeMap<>();
            try (Cursor cursor = table(table, transaction).openCursor(transaction)) {
                while (cursor.getNext()) {
                    values.put(StringBinding.entryToString(cursor.getKey()), bytes(cursor.getValue()));
                }
            }
            return values;
        });
    }

    private jetbrains.exodus.env.Store table(String name, Transaction transaction) {
        return environment.openStore(name, StoreConfig.WITHOUT_DUPLICATES, transaction);
    }

    private static byte[] bytes(ByteIterable value) {
        return Arrays.copyOf(value.getBytesUnsafe(), value.getLength());
    }

    @Override
    public void close() {
        environment.close();
    }
}
