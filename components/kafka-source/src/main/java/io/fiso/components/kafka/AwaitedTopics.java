// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import java.util.Collection;

/** How waiting for topics is told. */
final class AwaitedTopics {
    private AwaitedTopics() {}

    static String reason(Collection<String> missing) {
        String names = String.join("\", \"", missing);
        return missing.size() == 1
                ? "topic \"" + names + "\" does not exist; it is read from its beginning when it is created"
                : "topics \"" + names + "\" do not exist; they are read from their beginning when they are created";
    }
}
