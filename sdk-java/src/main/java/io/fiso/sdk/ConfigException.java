// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import java.util.List;

/** A config that cannot be used, with every problem in it. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final List<String> problems;

    public ConfigException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /** One sentence per problem: path, what was found, what would be right. */
    public List<String> problems() {
        return problems;
    }
}
