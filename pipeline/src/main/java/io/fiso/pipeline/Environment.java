// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where {@code ${VAR}} and {@code secretRef} look. */
public interface Environment {
    /** The value of a variable; empty if it is not set. */
    Optional<String> variable(String name);

    /** The text of a secret's file. */
    String readFile(Path file) throws IOException;

    /** This process's environment and file system. */
    static Environment system() {
        return of(System.getenv());
    }

    /** These variables, and the file system. */
    static Environment of(Map<String, String> variables) {
        return new Environment() {
            @Override
            public Optional<String> variable(String name) {
                return Optional.ofNullable(variables.get(name));
            }

            @Override
            public String readFile(Path file) throws IOException {
                return Files.readString(file);
            }
        };
    }
}
