// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.catalogue;

import java.util.Arrays;
import java.util.Optional;

/** What there is of resources. */
public enum ResourceKind {
    STREAM("streams"),
    QUEUE("queues"),
    KEY_VALUE("kv");

    private final String segment;

    ResourceKind(String segment) {
        this.segment = segment;
    }

    /** How it stands in a name: {@code streams}. */
    public String segment() {
        return segment;
    }

    static Optional<ResourceKind> of(String segment) {
        return Arrays.stream(values())
                .filter(kind -> kind.segment.equals(segment))
                .findFirst();
    }
}
