// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.util.Arrays;
import java.util.function.Predicate;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.ByteIterable;
import jetbrains.exodus.env.Cursor;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.env.Transaction;
import org.jspecify.annotations.Nullable;

/** What one transaction sees. */
class TransactionView implements View {
    final Environment environment;
    final Transaction transaction;

    TransactionView(Environment environment, Transaction transaction) {
        this.environment = environment;
        this.transaction = transaction;
    }

    /** Null if there is none and this is only a view. */
    jetbrains.exodus.env.@Nullable Store table(String name) {
        return environment.openStore(name, StoreConfig.WITHOUT_DUPLICATES, transaction, false);
    }

    @Override
    public byte @Nullable [] get(String table, byte[] key) {
        jetbrains.exodus.env.Store store = table(table);
        ByteIterable value = store == null ? null : store.get(transaction, new ArrayByteIterable(key));
        return value == null ? null : bytes(value);
    }

    @Override
    public @Nullable Entry first(String table) {
        return find(table, Cursor::getNext);
    }

    @Override
    public @Nullable Entry last(String table) {
        return find(table, Cursor::getLast);
    }

    @Override
    public @Nullable Entry floor(String table, byte[] key) {
        return find(table, cursor -> {
            if (cursor.getSearchKeyRange(new ArrayByteIterable(key)) == null) {
                return cursor.getLast();
            }
            return Arrays.equals(bytes(cursor.getKey()), key) || cursor.getPrev();
        });
    }

    @Override
    public @Nullable Entry ceiling(String table, byte[] key) {
        return find(table, cursor -> cursor.getSearchKeyRange(new ArrayByteIterable(key)) != null);
    }

    @Override
    public void scan(String table, byte @Nullable [] from, Predicate<Entry> visitor) {
        jetbrains.exodus.env.Store store = table(table);
        if (store == null) {
            return;
        }
        try (Cursor cursor = store.openCursor(transaction)) {
            boolean there =
                    from == null ? cursor.getNext() : cursor.getSearchKeyRange(new ArrayByteIterable(from)) != null;
            while (there && visitor.test(entry(cursor))) {
                there = cursor.getNext();
            }
        }
    }

    @Override
    public long count(String table) {
        jetbrains.exodus.env.Store store = table(table);
        return store == null ? 0 : store.count(transaction);
    }

    private @Nullable Entry find(String table, Predicate<Cursor> search) {
        jetbrains.exodus.env.Store store = table(table);
        if (store == null) {
            return null;
        }
        try (Cursor cursor = store.openCursor(transaction)) {
            return search.test(cursor) ? entry(cursor) : null;
        }
    }

    private static Entry entry(Cursor cursor) {
        return new Entry(bytes(cursor.getKey()), bytes(cursor.getValue()));
    }

    private static byte[] bytes(ByteIterable value) {
        return Arrays.copyOf(value.getBytesUnsafe(), value.getLength());
    }
}
