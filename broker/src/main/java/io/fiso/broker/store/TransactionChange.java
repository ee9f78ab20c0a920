// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.env.Transaction;
import org.jspecify.annotations.Nullable;

/** What the writes of one commit do. */
final class TransactionChange extends TransactionView implements Change {
    private final Map<Object, Shared> shared = new LinkedHashMap<>();
    private final long entryBytesMax;
    private long touches;
    private @Nullable BrokerException refusal;

    TransactionChange(Environment environment, Transaction transaction, long entryBytesMax) {
        super(environment, transaction);
        this.entryBytesMax = entryBytesMax;
    }

    /** From now on whoever adds something gets this. */
    void refusePuts(@Nullable BrokerException refusal) {
        this.refusal = refusal;
    }

    private void mayAdd() {
        if (refusal != null) {
            throw refusal;
        }
    }

    /** Grows whenever a write may have left something. */
    long touches() {
        return touches;
    }

    void writeShared() {
        shared.values().forEach(common -> common.write(this));
    }

    void tellShared() {
        shared.values().forEach(Shared::committed);
    }

    private jetbrains.exodus.env.Store opened(String name) {
        return environment.openStore(name, StoreConfig.WITHOUT_DUPLICATES, transaction);
    }

    @Override
    public void put(String table, byte[] key, byte[] value) {
        mayAdd();
        if ((long) key.length + value.length > entryBytesMax) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.value_too_large",
                    "a key and its value of " + ((long) key.length + value.length) + " bytes; at most " + entryBytesMax
                            + " are possible");
        }
        touches++;
        opened(table).put(transaction, new ArrayByteIterable(key), new ArrayByteIterable(value));
    }

    @Override
    public boolean delete(String table, byte[] key) {
        jetbrains.exodus.env.@Nullable Store store = table(table);
        if (store == null) {
            return false;
        }
        touches++;
        return store.delete(transaction, new ArrayByteIterable(key));
    }

    @Override
    public void drop(String table) {
        if (environment.storeExists(table, transaction)) {
            touches++;
            environment.removeStore(table, transaction);
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends Shared> T shared(Object key, Supplier<T> first) {
        mayAdd();
        touches++;
        return (T) shared.computeIfAbsent(key, _ -> first.get());
    }
}
