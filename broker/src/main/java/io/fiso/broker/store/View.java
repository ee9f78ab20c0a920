// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the store holds at one moment; writes that come later do not show. Keys are ordered as unsigned bytes. A table that was never written to is
 * empty. Not thread-safe, and of no use after the call that it was passed to.
 */
public interface View {
    byte @Nullable [] get(String table, byte[] key);

    @Nullable
    Entry first(String table);

    @Nullable
    Entry last(String table);

    /** The entry with the greatest key that is at most this. */
    @Nullable
    Entry floor(String table, byte[] key);

    /** The entry with the smallest key that is at least this. */
    @Nullable
    Entry ceiling(String table, byte[] key);

    /**
     * Visits entries in order of their keys.
     *
     * @param from the first key to visit if it is there; null for the first there is
     * @param visitor answers whether to go on; must not change the table
     */
    void scan(String table, byte @Nullable [] from, Predicate<Entry> visitor);

    /** How many entries a table has. Does not look at them. */
    long count(String table);
}
