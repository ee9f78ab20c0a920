// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What lies in the tables of a primitive. What no answer shows counts too: it is there for a sweep to stumble over, or for ever. */
final class KeptTables {
    private KeptTables() {}

    /** All entries of a table, in order of their keys. */
    static List<Entry> entries(View view, String table) {
        List<Entry> found = new ArrayList<>();
        view.scan(table, null, found::add);
        return found;
    }

    /** @param what whose tables these were */
    static void checkNothing(View view, Set<String> tables, String what) {
        for (String table : tables) {
            checkCount(view, Set.of(table), 0, "of " + what);
        }
    }

    /** @param tables that have so many entries together */
    static void checkCount(View view, Set<String> tables, long expected, String what) {
        long found = tables.stream().mapToLong(view::count).sum();
        if (found != expected) {
            throw new AssertionError(
                    "there are " + found + " entries in " + tables + ", not " + expected + ": " + what);
        }
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
