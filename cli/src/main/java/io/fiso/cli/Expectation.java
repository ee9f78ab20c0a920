// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.StringNode;

/**
 * What should come out.
 *
 * @param values one for each output, in order
 * @param list whether they were the elements of one array, which may just as well be the only output
 */
record Expectation(List<JsonNode> values, boolean list) {
    static Expectation read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CommandException(
                    Failure.invalid("cli.no_file", "there is no file \"" + file + "\"", "check the path"));
        }
        String text = Files.readString(file);
        String name = String.valueOf(file.getFileName());
        try {
            if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
                return new Expectation(
                        text.lines()
                                .filter(line -> !line.isBlank())
                                .map(JsonDifference::parse)
                                .toList(),
                        false);
            }
            JsonNode value = JsonDifference.parse(text);
            if (!value.isArray()) {
                return new Expectation(List.of(value), false);
            }
            List<JsonNode> values = new ArrayList<>();
            value.forEach(values::add);
            return new Expectation(values, true);
        } catch (JacksonException e) {
            throw new CommandException(
                    Failure.invalid(
                            "transform.bad_expectation",
                            "\"" + file + "\" is not JSON: " + e.getOriginalMessage(),
                            "write what should come out as JSON, or as .jsonl with one value per line"),
                    e);
        }
    }

    /** A line for each place that differs. */
    List<String> differences(List<String> outputs) {
        List<JsonNode> found = outputs.stream().map(Expectation::parsed).toList();
        if (list && found.size() == 1 && found.getFirst().isArray()) {
            List<String> alone = differences(List.of(array()), found);
            if (alone.isEmpty()) {
                return alone;
            }
        }
        return differences(values, found);
    }

    /** What passed through untouched need not be JSON. */
    private static JsonNode parsed(String output) {
        try {
            return JsonDifference.parse(output);
        } catch (JacksonException _) {
            return StringNode.valueOf(output);
        }
    }

    private JsonNode array() {
        return JsonNodeFactory.instance.arrayNode().addAll(values);
    }

    private static List<String> differences(List<JsonNode> expected, List<JsonNode> found) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < Math.max(expected.size(), found.size()); i++) {
            String where = Math.max(expected.size(), found.size()) == 1 ? "" : "output " + (i + 1) + ": ";
            if (i >= found.size()) {
                lines.add(where + "expected " + expected.get(i) + ", and nothing came out");
            } else if (i >= expected.size()) {
                lines.add(where + "not expected, found " + found.get(i));
            } else {
                JsonDifference.between(expected.get(i), found.get(i)).forEach(line -> lines.add(where + line));
            }
        }
        return lines;
    }
}
