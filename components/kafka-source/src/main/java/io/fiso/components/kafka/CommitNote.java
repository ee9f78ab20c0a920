// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

/** What a committed offset carries as its metadata: {@code <note>; <ledger>}, so that both move with the offset in one step. */
final class CommitNote {
    private static final String SEPARATOR = "; ";

    private CommitNote() {}

    static String write(String note, String ledger) {
        return ledger.isEmpty() ? note : note + SEPARATOR + ledger;
    }

    /** The ledger in this metadata; empty if there is none. */
    static String ledger(String metadata) {
        int at = metadata.indexOf(SEPARATOR);
        return at < 0 ? "" : metadata.substring(at + SEPARATOR.length());
    }

    static String withoutLedger(String metadata) {
        int at = metadata.indexOf(SEPARATOR);
        return at < 0 ? metadata : metadata.substring(0, at);
    }
}
