// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

/** Transforms without a pipeline around them. */
final class TransformCommands {
    private TransformCommands() {}

    static Group group(Host host) {
        return new Group(host, "transform", "Try the transform of a pipeline file on an event")
                .verb("test", TransformTestCommand::new);
    }
}
