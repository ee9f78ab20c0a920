// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks into a parsed JSON object with defaults, and collects what is wrong. */
final class ConfigNode {
    private final String path;
    private final Map<?, ?> members;
    private final List<String> problems;

    ConfigNode(String path, Map<?, ?> members, List<String> problems) {
        this.path = path;
        this.members = members;
        this.problems = problems;
    }

    ConfigNode object(String name) {
        Object value = members.get(name);
        if (value != null && !(value instanceof Map)) {
            problem(name, value, "an object");
        }
        return new ConfigNode(path + name + ".", value instanceof Map<?, ?> map ? map : Map.of(), problems);
    }

    Map<?, ?> members() {
        return members;
    }

    String text(String name, String otherwise) {
        Object value = members.get(name);
        return value == null ? otherwise : value.toString();
    }

    /** One of an enum's constants, written in lower case with this between its words. */
    <E extends Enum<E>> E choice(String name, E otherwise, char between) {
        Object value = members.get(name);
        if (value == null) {
            return otherwise;
        }
        List<String> names = new ArrayList<>();
        for (E constant : otherwise.getDeclaringClass().getEnumConstants()) {
            String written = constant.name().toLowerCase(Locale.ROOT).replace('_', between);
            if (written.equals(value)) {
                return constant;
            }
            names.add(written);
        }
        problem(name, value, "one of " + String.join(", ", names));
        return otherwise;
    }

    long number(String name, long otherwise, long least) {
        Object value = members.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Number number
                && number.longValue() >= least
                && number.doubleValue() == number.longValue()) {
            return number.longValue();
        }
        problem(name, value, "a whole number of at least " + least);
        return otherwise;
    }

    double fraction(String name, double otherwise) {
        Object value = members.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Number number && number.doubleValue() >= 0 && number.doubleValue() <= 1) {
            return number.doubleValue();
        }
        problem(name, value, "a number from 0 to 1");
        return otherwise;
    }

    Duration duration(String name, String otherwise) {
        Object value = members.get(name);
        try {
            return Durations.parse(value == null ? otherwise : value.toString());
        } catch (IllegalArgumentException e) {
            problems.add(path + name + ": " + e.getMessage());
            return Durations.parse(otherwise);
        }
    }

    List<Integer> numbers(String name, List<Integer> otherwise) {
        List<Integer> found = new ArrayList<>();
        for (Object value : list(name)) {
            if (value instanceof Number number) {
                found.add(number.intValue());
            } else {
                problem(name, value, "a list of numbers");
            }
        }
        return members.get(name) == null ? otherwise : found;
    }

    List<?> list(String name) {
        Object value = members.get(name);
        if (value != null && !(value instanceof List)) {
            problem(name, value, "a list");
        }
        return value instanceof List<?> list ? list : List.of();
    }

    private void problem(String name, @Nullable Object found, String expected) {
        problems.add(path + name + ": found '" + found + "', expected " + expected);
    }
}
