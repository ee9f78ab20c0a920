// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import com.google.protobuf.ByteString;
import io.fiso.proto.stream.v1.OriginalHeader;
import io.fiso.proto.stream.v1.OriginalRecord;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A dead letter out of a store that keeps records, header by header as they lie there: the record's own, and behind them what its source wrote about it. */
final class RecordedLetter {
    /** The first header that a source wrote: those before it were the record's own. */
    private static final String FIRST_OWN = "fiso-original-topic";

    private static final String SPILL_FILE = "fiso-spill-file";
    private static final String VALUE = "fiso-original-value";
    private static final String CORRELATION_ID = "fiso-correlation-id";

    private final Map<String, String> facts = new LinkedHashMap<>();
    private final OriginalRecord.Builder original = OriginalRecord.newBuilder();
    private String spillFile = "";
    private boolean own;

    void header(String name, @Nullable ByteString value) {
        own |= name.equals(FIRST_OWN);
        if (own) {
            facts.put(name, text(value));
        } else if (name.equals(SPILL_FILE)) {
            spillFile = text(value);
        } else {
            OriginalHeader.Builder one = OriginalHeader.newBuilder().setName(name);
            if (value != null) {
                one.setValue(value);
            }
            original.addHeaders(one);
            if (name.equalsIgnoreCase(CORRELATION_ID)) {
                facts.put(CORRELATION_ID, text(value));
            }
        }
    }

    /**
     * The letter, after all of its headers.
     *
     * @param partition where it lies
     * @param offset where it lies there
     * @param timestampMillis when it came there
     */
    StoredLetter letter(
            int partition, long offset, long timestampMillis, @Nullable ByteString key, @Nullable ByteString value) {
        original.setOrigin(facts.getOrDefault(FIRST_OWN, ""))
                .setPartition((int) number(facts.get("fiso-original-partition")))
                .setOffset(number(facts.get("fiso-original-offset")))
                .setTimestampMillis(number(facts.get("fiso-original-timestamp")));
        if (key != null) {
            original.setKey(key);
        }
        if (value != null && !"none".equals(facts.remove(VALUE))) {
            original.setValue(value);
        }
        String place = partition + ":" + offset + "/"
                + facts.getOrDefault(StoredLetter.FAILED_AT, Long.toString(timestampMillis));
        return new StoredLetter(place, facts, original.build(), spillFile, true);
    }

    /** The partition of a place. */
    static int partition(String place) {
        return Integer.parseInt(place.substring(0, place.indexOf(':')));
    }

    /** The offset of a place. */
    static long offset(String place) {
        return Long.parseLong(place.substring(place.indexOf(':') + 1, place.indexOf('/')));
    }

    private static String text(@Nullable ByteString value) {
        return value == null ? "" : value.toString(StandardCharsets.UTF_8);
    }

    private static long number(@Nullable String text) {
        try {
            return text == null ? -1 : Long.parseLong(text);
        } catch (NumberFormatException _) {
            return -1;
        }
    }
}
