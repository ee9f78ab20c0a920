// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values of one event, column by column: register {@code r} is {@code kind[r]} with what {@link Kind} says of the other columns. Made
 * once and used for event after event, by one thread at a time, so that an event costs no garbage.
 */
public final class Registers {
    public final byte[] kind;
    public final int[] start;
    public final int[] end;
    public final long[] bits;
    public final @Nullable Object[] ref;

    /** The bytes that spans of the payload point into. */
    public byte[] payload = new byte[0];

    /** Where the payload ends in {@link #payload}. */
    public int payloadEnd;

    /** Where text is put together; grows. */
    public byte[] scratch = new byte[256];

    /** How much of {@link #scratch} is taken. */
    public int scratchEnd;

    /** How deep the payload may nest. */
    int maxDepth;

    /** How deep what was scanned nests, since someone asked. */
    int deepest;

    /** Where white space between tokens was seen last. */
    int lastSpace;

    /** The lists whose elements are kept, by number. */
    public final Rows[] rows;

    public Registers(int count) {
        this(count, List.of());
    }

    /** @param lists what is kept of each list that {@link PathTree#keepRows} names */
    public Registers(int count, List<Rows.Columns> lists) {
        rows = lists.stream().map(Rows::new).toArray(Rows[]::new);
        kind = new byte[count];
        start = new int[count];
        end = new int[count];
        bits = new long[count];
        ref = new Object[count];
    }

    /**
     * What {@code bits} says of an object or array.
     *
     * @param depth how many levels it nests, itself included
     * @param spaced whether there is white space between its tokens
     */
    public static long treeBits(int depth, boolean spaced) {
        return (long) depth << 1 | (spaced ? 1 : 0);
    }

    public static int depth(long treeBits) {
        return (int) (treeBits >>> 1);
    }

    public static boolean spaced(long treeBits) {
        return (treeBits & 1) != 0;
    }
}
