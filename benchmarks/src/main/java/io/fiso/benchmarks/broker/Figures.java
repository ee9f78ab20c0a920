// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures, as a table in Markdown: each line says what, how much, and of what. */
final class Figures {
    private final Map<String, List<Double>> rounds = new LinkedHashMap<>();
    private final Map<String, String> units = new LinkedHashMap<>();

    /** One of several rounds. */
    void add(String what, double value, String unit) {
        rounds.computeIfAbsent(what, _ -> new ArrayList<>()).add(value);
        units.put(what, unit);
        System.err.printf(Locale.ROOT, "  %s: %,.1f %s%n", what, value, unit);
    }

    /** Prints the medians, and begins anew. */
    void print(String title) {
        System.out.printf("%n| %s | median | unit | rounds |%n|---|---|---|---|%n", title);
        rounds.forEach((what, values) -> System.out.printf(
                Locale.ROOT,
                "| %s | %s | %s | %s |%n",
                what,
                shown(Callers.median(values)),
                units.get(what),
                values.size() == 1
                        ? ""
                        : String.join(", ", values.stream().map(Figures::shown).toList())));
        rounds.clear();
        units.clear();
    }

    private static String shown(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value).replace(',', ' ');
    }
}
