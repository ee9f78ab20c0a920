// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.schema;

import java.util.List;

/**
 * What is wrong with a schema.
 *
 * @param code stable: {@code schema.bad_keyword}
 * @param warning whether the schema works in spite of it
 * @param path from the root of the schema to the very key or item, one name or index each; empty for the schema as a whole
 * @param message what was found
 * @param remedy what to do; may be empty
 * @param word what may be a slip of one of the known words; empty if nothing is
 * @param known the words it may be a slip of
 */
public record SchemaProblem(
        String code,
        boolean warning,
        List<String> path,
        String message,
        String remedy,
        String word,
        List<String> known) {
    static SchemaProblem error(String code, List<String> path, String message, String remedy) {
        return new SchemaProblem(code, false, List.copyOf(path), message, remedy, "", List.of());
    }

    static SchemaProblem warning(String code, List<String> path, String message, String remedy) {
        return new SchemaProblem(code, true, List.copyOf(path), message, remedy, "", List.of());
    }

    SchemaProblem slip(String mistaken, Iterable<String> choices) {
        List<String> words = new java.util.ArrayList<>();
        choices.forEach(words::add);
        return new SchemaProblem(code, warning, path, message, remedy, mistaken, List.copyOf(words));
    }
}
