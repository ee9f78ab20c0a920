// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import io.fiso.transform.json.PathTree.Node;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A member's name as it stood in payloads before, from its opening quote to the colon. One event is written like the next, by the same program: so a
 * name that is where it is expected needs no reading, only comparing.
 */
final class ExpectedName {
    /** What the name leads to, be it wanted or not. */
    final Node node;

    final int length;
    private final byte[] text;
    private final long first;
    private final long firstMask;
    private final long last;

    /** The name that came behind this one. Set by any thread, at any time: it is a guess that is checked. */
    @Nullable
    ExpectedName next;

    /** @param end behind the colon */
    ExpectedName(byte[] json, int start, int end, Node node) {
        this.node = node;
        this.text = Arrays.copyOfRange(json, start, end);
        this.length = text.length;
        var padded = Arrays.copyOf(text, Math.max(8, length));
        this.firstMask = length >= 8 ? -1 : ~(-1L << (length << 3));
        this.first = Words.get(padded, 0);
        this.last = Words.get(padded, padded.length - 8);
    }

    /** Whether the name, its quotes and its colon stand there. */
    boolean standsAt(byte[] json, int at, int to) {
        if (at + length > to || at > json.length - 8) {
            return false;
        }
        if (((Words.get(json, at) ^ first) & firstMask) != 0) {
            return false;
        }
        return length <= 8
                || Words.get(json, at + length - 8) == last
                        && (length <= 16 || Arrays.equals(text, 8, length - 8, json, at + 8, at + length - 8));
    }
}
