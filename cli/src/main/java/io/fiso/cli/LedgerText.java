// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The totals beside a committed position, {@code fiso/1 delivered=120 failed=3 run=<id>}, as far as a reader needs them.
 *
 * @param run the run that they belong to
 * @param fates how many events before the position met which fate
 */
record LedgerText(String run, Map<String, Long> fates) {
    private static final String BEGINNING = "fiso/1 ";
    private static final String RUN = "run=";

    /** Empty if there is none, or it is written in a way that is not known here. */
    static Optional<LedgerText> parse(String ledger) {
        if (!ledger.startsWith(BEGINNING)) {
            return Optional.empty();
        }
        Map<String, Long> fates = new LinkedHashMap<>();
        String run = "";
        for (String word : ledger.substring(BEGINNING.length()).split(" ", -1)) {
            if (word.startsWith(RUN)) {
                run = word.substring(RUN.length());
                continue;
            }
            int equals = word.indexOf('=');
            try {
                fates.put(word.substring(0, Math.max(0, equals)), Long.parseLong(word.substring(equals + 1)));
            } catch (NumberFormatException _) {
                return Optional.empty();
            }
        }
        return Optional.of(new LedgerText(run, fates));
    }

    /** Fates with their counts. */
    String show() {
        return fates.isEmpty()
                ? "none"
                : String.join(
                        ", ",
                        fates.entrySet().stream()
                                .map(fate -> fate.getKey() + " " + fate.getValue())
                                .toList());
    }
}
