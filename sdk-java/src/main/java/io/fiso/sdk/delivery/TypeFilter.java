// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.List;

/** Which event types take an edge: exact, or a prefix that ends in {@code *}; none named means all. */
final class TypeFilter {
    private final String[] exact;
    private final String[] prefixes;

    TypeFilter(List<String> types) {
        exact = types.stream().filter(type -> !type.endsWith("*")).toArray(String[]::new);
        prefixes = types.stream()
                .filter(type -> type.endsWith("*"))
                .map(type -> type.substring(0, type.length() - 1))
                .toArray(String[]::new);
    }

    boolean accepts(Records records, int index) {
        return (exact.length == 0 && prefixes.length == 0)
                || accepts(EventFields.text(
                        records.buffers[index], records.offsets[index], records.lengths[index], EventFields.TYPE));
    }

    private boolean accepts(String type) {
        for (String candidate : exact) {
            if (candidate.equals(type)) {
                return true;
            }
        }
        for (String prefix : prefixes) {
            if (type.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
