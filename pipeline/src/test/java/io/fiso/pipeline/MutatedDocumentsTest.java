// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever the text, the compiler answers: with a pipeline, or with problems that have places inside the file. */
class MutatedDocumentsTest {
    private static final int ROUNDS = Integer.getInteger("fiso.mutations", 4_000);

    private static final List<String> SPLICES = List.of(
            "\t",
            "\n",
            ": ",
            "- ",
            "{",
            "}",
            "[",
            "]",
            "\"",
            "'",
            "|",
            ">-\n",
            "&a ",
            "*a",
            "!!str ",
            "!!binary ",
            "#",
            "${",
            "${X}",
            "${Y:-1}",
            "$${",
            "null",
            "~",
            "true",
            "-1",
            "0x10",
            "1e999",
            "99999999999999999999",
            ".inf",
            "foo",
            "<<: ",
            "? ",
            "---\n",
            "...\n",
            "%YAML 9\n",
            "\u0000",
            "\u00e9\ud83d\ude00",
            "\u2028",
            "\r",
            "secretRef: {env: Z}",
            "{secretRef: {file: /nowhere}}",
            "- 5",
            "[[[[[[",
            "data.",
            "(",
            "types: [x*]",
            "replicas: 1.5",
            "limits: {windowBytes: 0x10, maxSpan: 1e3}",
            "drivers: {process: {config: {count: 1}}}",
            "restart: {policy: never}");

    @Test
    void neverThrow() {
        long seed = Long.getLong("fiso.seed", System.nanoTime());
        var random = new Random(seed);
        var documents = List.of(Documented.ORDERS, Documented.FLOW, Documented.BARE_FLOW);
        int compiled = 0;
        for (int round = 0; round < ROUNDS; round++) {
            var text = documents.get(random.nextInt(documents.size()));
            for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
                text = mutate(text, random);
            }
            try {
                var compilation = Documented.compile(text, Map.of("X", "1", "Z", "secret-z"));
                compiled += compilation.pipeline().isPresent() ? 1 : 0;
                check(compilation, text);
            } catch (RuntimeException | StackOverflowError e) {
                fail("seed " + seed + ", round " + round + ", document:\n" + text, e);
            }
        }
        assertThat(compiled)
                .as("seed %s: some mutants are sound, some are not", seed)
                .isBetween(ROUNDS / 100, ROUNDS * 99 / 100);
    }

    private static void check(Compilation compilation, String text) {
        assertThat(compilation.pipeline().isPresent())
                .as(text)
                .isEqualTo(compilation.errors().isEmpty());
        compilation.pipeline().ifPresent(p -> {
            PlanView.text(p, compilation.warnings());
            PlanView.json(p, compilation.warnings());
        });
        long lines = text.lines().count();
        for (var problem : compilation.problems()) {
            assertThat(problem.place().line())
                    .as(text + "\n" + problem.render())
                    .isBetween(0, (int) lines + 1);
            assertThat(problem.message()).as(text).isNotBlank().doesNotContain("secret-z");
        }
    }

    private static String mutate(String text, Random random) {
        int at = random.nextInt(text.length() + 1);
        return switch (random.nextInt(6)) {
            case 0 -> text.substring(0, at) + SPLICES.get(random.nextInt(SPLICES.size())) + text.substring(at);
            case 1 -> text.substring(0, at) + text.substring(Math.min(text.length(), at + 1 + random.nextInt(5)));
            case 2 -> withLine(text, random, (lines, i) -> lines.remove(i));
            case 3 -> withLine(text, random, (lines, i) -> lines.add(i, lines.get(i)));
            case 4 ->
                withLine(text, random, (lines, i) -> {
                    var line = lines.get(i);
                    int colon = line.indexOf(':');
                    lines.set(i, line.substring(0, colon + 1) + " " + SPLICES.get(random.nextInt(SPLICES.size())));
                });
            default -> withLine(text, random, (lines, i) -> lines.set(i, "  " + lines.get(i)));
        };
    }

    private interface Edit {
        void apply(List<String> lines, int index);
    }

    private static String withLine(String text, Random random, Edit edit) {
        var lines = new java.util.ArrayList<>(text.lines().toList());
        if (!lines.isEmpty()) {
            edit.apply(lines, random.nextInt(lines.size()));
        }
        return String.join("\n", lines) + "\n";
    }
}
