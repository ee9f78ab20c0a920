// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.stubs;

import tools.jackson.databind.JsonNode;

/** Whether a value has everything that another one asks for: of an object the members that are named, of anything else the whole. */
final class PartialJson {
    private PartialJson() {}

    /** A number is its value, not its digits; null asks for null, or for nothing. */
    static boolean fits(JsonNode wanted, JsonNode found) {
        if (wanted.isObject() && found.isObject()) {
            return wanted.properties().stream().allMatch(member -> {
                JsonNode there = found.get(member.getKey());
                return there == null ? member.getValue().isNull() : fits(member.getValue(), there);
            });
        }
        if (wanted.isArray() && found.isArray()) {
            boolean same = wanted.size() == found.size();
            for (int i = 0; same && i < wanted.size(); i++) {
                same = fits(wanted.get(i), found.get(i));
            }
            return same;
        }
        return wanted.isNumber() && found.isNumber()
                ? wanted.decimalValue().compareTo(found.decimalValue()) == 0
                : wanted.equals(found);
    }
}
