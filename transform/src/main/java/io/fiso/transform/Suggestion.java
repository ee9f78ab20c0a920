// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.List;
import java.util.Optional;

/** What a reader probably meant. */
final class Suggestion {
    private static final List<String> FUNCTIONS = List.of(
            "all",
            "exists",
            "exists_one",
            "filter",
            "map",
            "has",
            "size",
            "contains",
            "startsWith",
            "endsWith",
            "matches",
            "int",
            "uint",
            "double",
            "string",
            "bool",
            "bytes",
            "duration",
            "timestamp",
            "type",
            "dyn",
            "charAt",
            "indexOf",
            "lastIndexOf",
            "join",
            "lowerAscii",
            "upperAscii",
            "replace",
            "split",
            "substring",
            "trim",
            "reverse",
            "format",
            "getFullYear",
            "getMonth",
            "getDate",
            "getDayOfMonth",
            "getDayOfWeek",
            "getDayOfYear",
            "getHours",
            "getMinutes",
            "getSeconds",
            "getMilliseconds",
            "slice",
            "flatten",
            "distinct",
            "sort",
            "sortBy",
            "math.greatest",
            "math.least",
            "math.ceil",
            "math.floor",
            "math.round",
            "math.trunc",
            "math.abs",
            "base64.encode",
            "base64.decode",
            "optional.of",
            "optional.none",
            "orValue");

    private Suggestion() {}

    static Optional<String> forName(String name, boolean function, List<String> variables) {
        var close = Spelling.closest(name, function ? FUNCTIONS : variables);
        if (close.isPresent() || function || !name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            return close;
        }
        return Optional.of("data." + name);
    }
}
