// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which event types take an edge; none named means all.
 *
 * <ol>
 *   <li>{@code order.create.v2} is that type and no other.
 *   <li>A type without a version is of version 1: {@code order.create} and {@code order.create.v1} are one type, on either side.
 *   <li>{@code order.create.*} is {@code order.create} and everything that goes on behind its dot; {@code *} is every type.
 * </ol>
 *
 * Types are compared as the bytes they are on the wire; nothing is made of an event to route it.
 */
final class TypeFilter {
    private static final Pattern VERSION = Pattern.compile(".+\\.v[0-9]+");
    private static final String FIRST_VERSION = ".v1";
    private static final String EVERYTHING = "*";
    private static final String BEHIND_DOT = ".*";

    private final boolean all;
    private final byte[][] exact;
    /** Each with its last dot. */
    private final byte[][] prefixes;

    TypeFilter(List<String> types) {
        List<String> whole = new ArrayList<>();
        List<String> begun = new ArrayList<>();
        for (String type : types) {
            if (type.endsWith(BEHIND_DOT)) {
                begun.add(type.substring(0, type.length() - 1));
            } else {
                whole.add(type);
                addOtherSpelling(type, whole);
            }
        }
        all = types.isEmpty() || types.contains(EVERYTHING);
        exact = bytes(whole);
        prefixes = bytes(begun);
    }

    private static void addOtherSpelling(String type, List<String> spellings) {
        if (!VERSION.matcher(type).matches()) {
            spellings.add(type + FIRST_VERSION);
        } else if (type.endsWith(FIRST_VERSION)) {
            String bare = type.substring(0, type.length() - FIRST_VERSION.length());
            // What has a version already is not of another one: a.v2 is not a.v2.v1.
            if (!VERSION.matcher(bare).matches()) {
                spellings.add(bare);
            }
        }
    }

    private static byte[][] bytes(List<String> types) {
        return types.stream().map(type -> type.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    }

    boolean accepts(Records records, int index) {
        if (all) {
            return true;
        }
        byte[] buffer = records.buffers[index];
        long type = EventFields.find(buffer, records.offsets[index], records.lengths[index], EventFields.TYPE);
        return accepts(buffer, EventFields.at(type), EventFields.at(type) + EventFields.size(type));
    }

    private boolean accepts(byte[] buffer, int from, int to) {
        for (byte[] candidate : exact) {
            if (Arrays.equals(candidate, 0, candidate.length, buffer, from, to)) {
                return true;
            }
        }
        for (byte[] prefix : prefixes) {
            // The prefix itself has no dot behind it.
            int compared = Math.min(prefix.length, to - from);
            if (compared >= prefix.length - 1 && Arrays.equals(prefix, 0, compared, buffer, from, from + compared)) {
                return true;
            }
        }
        return false;
    }
}
