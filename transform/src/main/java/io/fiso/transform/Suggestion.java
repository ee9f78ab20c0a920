// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
            "range",
            "lists.range",
            "sort",
            "sortBy",
            "math.greatest",
            "math.least",
            "math.ceil",
            "math.floor",
            "math.round",
            "math.trunc",
            "math.abs",
            "math.sign",
            "math.sqrt",
            "math.isNaN",
            "math.isInf",
            "math.isFinite",
            "base64.encode",
            "base64.decode",
            "optional.of",
            "optional.ofNonZeroValue",
            "optional.none",
            "optMap",
            "optFlatMap",
            "hasValue",
            "value",
            "or",
            "orValue",
            "regex.extract",
            "regex.extractAll",
            "regex.replace",
            "sets.contains",
            "sets.equivalent",
            "sets.intersects",
            "json.parse",
            "json.encode",
            "hash.sha256",
            "now",
            "uuid");

    /** How others say it. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("length", "size"),
            Map.entry("len", "size"),
            Map.entry("count", "size"),
            Map.entry("tolowercase", "lowerAscii"),
            Map.entry("lower", "lowerAscii"),
            Map.entry("touppercase", "upperAscii"),
            Map.entry("upper", "upperAscii"),
            Map.entry("includes", "contains"),
            Map.entry("strip", "trim"),
            Map.entry("tostring", "string"),
            Map.entry("str", "string"),
            Map.entry("float", "double"),
            Map.entry("number", "double"),
            Map.entry("coalesce", "orValue"),
            Map.entry("sha256", "hash.sha256"),
            Map.entry("parsejson", "json.parse"),
            Map.entry("tojson", "json.encode"),
            Map.entry("json.stringify", "json.encode"),
            Map.entry("json.decode", "json.parse"),
            Map.entry("base64", "base64.encode"),
            Map.entry("max", "math.greatest"),
            Map.entry("min", "math.least"),
            Map.entry("math.max", "math.greatest"),
            Map.entry("math.min", "math.least"),
            Map.entry("round", "math.round"),
            Map.entry("floor", "math.floor"),
            Map.entry("ceil", "math.ceil"),
            Map.entry("abs", "math.abs"),
            Map.entry("any", "exists"),
            Map.entry("some", "exists"),
            Map.entry("every", "all"),
            Map.entry("year", "getFullYear"),
            Map.entry("getyear", "getFullYear"),
            Map.entry("today", "now"));

    /** What functions are called by that are no methods. */
    static final Set<String> NAMESPACES =
            Set.of("json", "hash", "math", "base64", "regex", "sets", "optional", "lists", "strings");

    /** What takes no arguments, so that people forget the parentheses. */
    private static final Set<String> CALLED = Set.of("now", "uuid");

    private Suggestion() {}

    static boolean isFunction(String name) {
        return FUNCTIONS.contains(name);
    }

    /** How it is called, if that is worth telling. */
    static String usage(String function) {
        return switch (function) {
            case "now" -> "; write now()";
            case "uuid" -> "; write uuid(), or uuid(text) with what tells one from another";
            case "json.parse", "json.encode" -> "; write " + function + "(one value)";
            default -> "";
        };
    }

    static Optional<String> forName(String name, boolean function, List<String> variables) {
        if (!function && CALLED.contains(name)) {
            return Optional.of(name + "()");
        }
        var close = function ? function(name) : Spelling.closest(name, variables);
        if (close.isPresent() || function || !name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            return close;
        }
        return variables.contains("data") ? Optional.of("data." + name) : Optional.empty();
    }

    private static Optional<String> function(String name) {
        if (ELSEWHERE.get(name.toLowerCase(Locale.ROOT)) instanceof String known) {
            return Optional.of(known);
        }
        return Spelling.closest(name, FUNCTIONS)
                .or(() -> Spelling.closest(name, ELSEWHERE.keySet()).map(ELSEWHERE::get));
    }
}
