// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafka;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What a source writes beside a committed offset, as the offset's metadata, for whoever goes on from there: another replica, or the next run. Text such as
 * {@code fiso1;partitions=6;ledger=…}; what it does not know it leaves out.
 *
 * @param partitions how many partitions the topic had when the group first read it: those are subject to {@code startOffset}, later ones are not
 * @param backfill the bounded read that this partition is part of, if it is
 * @param ledger the fates of everything before the offset, opaque here; empty without
 */
public record CommitNote(int partitions, Optional<Backfill> backfill, String ledger) {
    private static final String VERSION = "fiso1";

    /** No note, or one of somebody else's. */
    public static final CommitNote NONE = new CommitNote(0, Optional.empty(), "");

    /**
     * A bounded read.
     *
     * @param id the run that began it
     * @param run the run that last went on with it
     * @param until the bound as it was asked for
     * @param end the offset behind its last record in this partition; {@link #OPEN} as long as that is not decided
     */
    public record Backfill(String id, String run, String until, long end) {
        /** The end of the partition is not decided yet: it lies in the future. */
        public static final long OPEN = -1;

        /** Whether a group that has committed this offset is through with the partition. */
        public boolean doneAt(long offset) {
            return end != OPEN && offset >= end;
        }
    }

    /** Reads the metadata of a committed offset; what cannot be read is {@link #NONE}. */
    public static CommitNote parse(@Nullable String metadata) {
        if (metadata == null || !metadata.startsWith(VERSION + ";")) {
            return NONE;
        }
        Map<String, String> fields = new LinkedHashMap<>();
        String rest = metadata.substring(VERSION.length() + 1);
        while (!rest.isEmpty()) {
            int equals = rest.indexOf('=');
            if (equals < 0) {
                return NONE;
            }
            String name = rest.substring(0, equals);
            // The ledger comes last and may hold anything.
            int end = name.equals("ledger") ? rest.length() : rest.indexOf(';');
            String value = rest.substring(equals + 1, end < 0 ? rest.length() : end);
            fields.put(name, value);
            rest = end < 0 || end >= rest.length() ? "" : rest.substring(end + 1);
        }
        try {
            return new CommitNote(
                    Integer.parseInt(fields.getOrDefault("partitions", "0")),
                    backfill(fields),
                    fields.getOrDefault("ledger", ""));
        } catch (NumberFormatException _) {
            return NONE;
        }
    }

    private static Optional<Backfill> backfill(Map<String, String> fields) {
        String id = fields.get("backfill");
        return id == null
                ? Optional.empty()
                : Optional.of(new Backfill(
                        id,
                        fields.getOrDefault("run", ""),
                        fields.getOrDefault("until", ""),
                        Long.parseLong(fields.getOrDefault("end", String.valueOf(Backfill.OPEN)))));
    }

    /** The same beside another offset. */
    public CommitNote withLedger(String other) {
        return new CommitNote(partitions, backfill, other);
    }

    /** The metadata to commit. */
    public String format() {
        StringJoiner text = new StringJoiner(";");
        text.add(VERSION).add("partitions=" + partitions);
        backfill.ifPresent(read -> {
            text.add("backfill=" + read.id()).add("run=" + read.run()).add("until=" + read.until());
            if (read.end() != Backfill.OPEN) {
                text.add("end=" + read.end());
            }
        });
        if (!ledger.isEmpty()) {
            text.add("ledger=" + ledger);
        }
        return text.toString();
    }
}
