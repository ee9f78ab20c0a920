// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * An event that arrived at a sink of a pipeline test.
 *
 * @param key its order key
 * @param event in the JSON format of CloudEvents
 */
record Arrived(String key, JsonNode event) {
    /** What a stub has written down, in order of arrival. */
    static List<Arrived> read(Path record) throws IOException {
        if (!Files.exists(record)) {
            return List.of();
        }
        return Files.readAllLines(record).stream()
                .map(JsonDifference::parse)
                .map(line -> new Arrived(line.path("key").asString(""), line.path("event")))
                .toList();
    }
}
