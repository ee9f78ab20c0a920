// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.util.List;

/** Event types and their prefixes: {@code order.created}, {@code order.*}. */
final class EventTypes {
    private EventTypes() {}

    /** Whether an event can be of the wanted type and of one of these; no types at all means any. */
    static boolean overlap(String wanted, List<String> types) {
        return types.isEmpty() || types.stream().anyMatch(type -> overlap(wanted, type));
    }

    private static boolean overlap(String one, String other) {
        if (one.endsWith("*") && other.endsWith("*")) {
            return prefix(one).startsWith(prefix(other)) || prefix(other).startsWith(prefix(one));
        }
        if (one.endsWith("*")) {
            return other.startsWith(prefix(one));
        }
        return other.endsWith("*") ? one.startsWith(prefix(other)) : one.equals(other);
    }

    private static String prefix(String pattern) {
        return pattern.substring(0, pattern.length() - 1);
    }
}
