// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Expressions over the documents of {@link RandomDocuments}: most of them make sense, some fail while they are evaluated, few are refused. */
final class RandomExpressions {
    private static final List<String> BINARY = List.of("+", "-", "*", "/", "%", "+", "*");
    private static final List<String> COMPARING = List.of("<", "<=", ">", ">=", "==", "!=", "==");

    private final RandomGenerator random;
    private final List<String> variables = new ArrayList<>();

    RandomExpressions(RandomGenerator random) {
        this.random = random;
    }

    String next() {
        variables.clear();
        return any(1 + random.nextInt(4));
    }

    String condition() {
        variables.clear();
        return truth(1 + random.nextInt(4));
    }

    String list() {
        variables.clear();
        return list(1 + random.nextInt(3));
    }

    private String any(int depth) {
        if (depth <= 0) {
            return leaf();
        }
        return switch (random.nextInt(13)) {
            case 12 ->
                pick(List.of(
                        "json.parse(json.encode(" + any(depth - 1) + "))",
                        "json.parse(" + text(depth - 1) + ")",
                        "json.parse('{\"c\": 1.50, \"a\": [2.0, \"x\"]}')." + name(),
                        "[now(), now()]"));
            case 0, 1 -> number(depth);
            case 2, 3 -> text(depth);
            case 4, 5 -> truth(depth);
            case 6 -> list(depth);
            case 7 -> map(depth);
            case 8 -> "(" + truth(depth - 1) + " ? " + any(depth - 1) + " : " + any(depth - 1) + ")";
            case 9 ->
                path() + ".?" + name() + (random.nextBoolean() ? "" : ".?" + name()) + ".orValue(" + any(depth - 1)
                        + ")";
            case 10 -> "(" + truth(depth - 1) + " ? " + holder() + " : " + holder() + ")." + name();
            default -> leaf();
        };
    }

    private String leaf() {
        return switch (random.nextInt(8)) {
            case 0 -> pick(List.of("1", "0", "-3", "9223372036854775807", "2.5", "0.1", "1e20", "-0.0", "7u"));
            case 1 -> textLiteral();
            case 2 -> pick(List.of("true", "false", "null"));
            case 3 ->
                pick(List.of(
                        "id", "type", "source", "subject", "time", "correlationid", "ext.partitionkey", "ext.none"));
            default -> path();
        };
    }

    /** A place that may hold anything. */
    private String path() {
        if (random.nextInt(4) > 0) {
            return pick(List.of(numberPath(), textPath(), holder() + ".c", holder() + ".items", holder()));
        }
        var path = new StringBuilder(holder());
        for (int length = random.nextInt(2); length >= 0; length--) {
            switch (random.nextInt(8)) {
                case 0 -> path.append("[").append(random.nextInt(-1, 3)).append("]");
                case 1 -> path.append("['").append(name()).append("']");
                default -> path.append(".").append(name());
            }
        }
        return path.toString();
    }

    /** A place that holds an object, as a rule. */
    private String holder() {
        if (!variables.isEmpty() && random.nextInt(3) > 0) {
            return pick(variables);
        }
        return pick(List.of("data", "data", "data", "data.nested", "data.items[0]"));
    }

    private String numberPath() {
        return holder() + "." + pick(RandomDocuments.NUMBERS_NAMED);
    }

    private String textPath() {
        return holder() + "." + pick(RandomDocuments.TEXTS_NAMED);
    }

    /** Now and then something else. */
    private String odd(String usual) {
        return random.nextInt(15) == 0 ? path() : usual;
    }

    private String name() {
        return pick(RandomDocuments.NAMES);
    }

    private String textLiteral() {
        return pick(List.of("''", "'a'", "'A-1'", "\"é\"", "'a\\nb'", "'\\\\'", "'x y'", "'12'", "'😀'", "'e-1'"));
    }

    private String number(int depth) {
        if (depth <= 0) {
            return random.nextInt(3) == 0 ? pick(List.of("1", "2", "3.5", "0", "-1")) : odd(numberPath());
        }
        return switch (random.nextInt(11)) {
            case 10 ->
                "math." + pick(List.of("ceil", "floor", "round", "trunc", "abs")) + "(" + number(depth - 1) + ")";
            case 0 -> "size(" + pick(List.of(text(depth - 1), list(depth - 1), map(depth - 1))) + ")";
            case 1 -> "int(" + number(depth - 1) + ")";
            case 2 -> "double(" + number(depth - 1) + ")";
            case 3 -> "-" + number(depth - 1);
            case 4 -> "math.greatest(" + number(depth - 1) + ", " + number(depth - 1) + ")";
            default -> "(" + number(depth - 1) + " " + pick(BINARY) + " " + number(depth - 1) + ")";
        };
    }

    private String text(int depth) {
        if (depth <= 0) {
            return random.nextBoolean() ? textLiteral() : odd(textPath());
        }
        return switch (random.nextInt(12)) {
            case 11 ->
                text(depth - 1) + ".substring(" + (random.nextInt(3) == 0 ? number(0) : random.nextInt(-1, 4))
                        + (random.nextBoolean() ? ")" : ", " + random.nextInt(7) + ")");
            case 10 -> text(depth - 1) + ".replace(" + text(0) + ", " + text(depth - 1) + ")";
            case 9 ->
                pick(List.of(
                        "hash.sha256(" + text(depth - 1) + ")",
                        "uuid(" + text(depth - 1) + ")",
                        "json.encode(" + any(depth - 1) + ")"));
            case 0 -> "string(" + pick(List.of(number(depth - 1), text(depth - 1), truth(depth - 1))) + ")";
            case 1 -> text(depth - 1) + ".lowerAscii()";
            case 2 -> text(depth - 1) + ".upperAscii()";
            case 3 -> text(depth - 1) + ".trim()";
            case 4 -> text(depth - 1) + ".replace('a', 'é')";
            case 5 -> "(" + textPath() + " + " + textPath() + ")";
            default -> "(" + text(depth - 1) + " + " + text(depth - 1) + ")";
        };
    }

    private String truth(int depth) {
        if (depth <= 0) {
            return random.nextInt(3) == 0 ? pick(List.of("true", "false")) : "has(" + path() + "." + name() + ")";
        }
        return switch (random.nextInt(16)) {
            case 0, 1 -> "(" + truth(depth - 1) + " && " + truth(depth - 1) + ")";
            case 2, 3 -> "(" + truth(depth - 1) + " || " + truth(depth - 1) + ")";
            case 4 -> "!" + truth(depth - 1);
            case 5, 6 -> "(" + number(depth - 1) + " " + pick(COMPARING) + " " + number(depth - 1) + ")";
            case 7 -> "(" + any(depth - 1) + " == " + any(depth - 1) + ")";
            case 8 -> "(" + text(depth - 1) + " " + pick(COMPARING) + " " + text(depth - 1) + ")";
            case 9 ->
                text(depth - 1) + "." + pick(List.of("startsWith", "endsWith", "contains")) + "(" + text(depth - 1)
                        + ")";
            case 10 ->
                "(" + any(depth - 1) + " in " + pick(List.of(list(depth - 1), "[1, 2, 'a']", map(depth - 1))) + ")";
            case 11 -> loop("exists", depth);
            case 12 -> loop("all", depth);
            case 13 -> loop("exists_one", depth);
            case 14 -> odd(holder() + ".c");
            default -> "has(" + path() + "." + name() + ")";
        };
    }

    private String loop(String macro, int depth) {
        var range = list(depth - 1);
        var variable = enter();
        var loop = range + "." + macro + "(" + variable + ", " + truth(depth - 1) + ")";
        leave();
        return loop;
    }

    private String list(int depth) {
        if (depth <= 0) {
            return random.nextInt(4) == 0 ? "[1, 'a', 2.50]" : odd(holder() + ".items");
        }
        switch (random.nextInt(7)) {
            case 0, 1 -> {
                var elements = new ArrayList<String>();
                for (int n = random.nextInt(4); n > 0; n--) {
                    elements.add(any(depth - 1));
                }
                return "[" + String.join(", ", elements) + "]";
            }
            case 2 -> {
                return loop("filter", depth);
            }
            case 3, 4 -> {
                var range = list(depth - 1);
                var variable = enter();
                var loop = range + ".map(" + variable + ", " + (random.nextInt(3) == 0 ? truth(depth - 1) + ", " : "")
                        + any(depth - 1) + ")";
                leave();
                return loop;
            }
            case 5 -> {
                return text(depth - 1) + ".split('a')";
            }
            default -> {
                return "data.items";
            }
        }
    }

    private String map(int depth) {
        if (depth <= 0) {
            return random.nextBoolean() ? "{}" : odd(holder());
        }
        var members = new ArrayList<String>();
        for (int n = random.nextInt(4); n > 0; n--) {
            members.add("'" + name() + n + "': " + any(depth - 1));
        }
        return "{" + String.join(", ", members) + "}";
    }

    private String enter() {
        var variable = "v" + variables.size();
        variables.add(variable);
        return variable;
    }

    private void leave() {
        variables.removeLast();
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
