// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.file;

import org.jspecify.annotations.Nullable;

/**
 * The source's config.
 *
 * @param path the file
 * @param follow whether to wait for more lines at its end
 * @param key a top-level field whose value is the order key; without it all lines keep one order
 * @param eventType the type of events made from plain JSON lines
 */
record FileSourceConfig(
        String path,
        boolean follow,
        @Nullable String key,
        @Nullable String eventType) {
    FileSourceConfig {
        if (path == null || path.isBlank()) {
            throw new IllegalArgumentException("path is missing; name the file to read, such as data/orders.jsonl");
        }
        eventType = eventType == null ? "fiso.event" : eventType;
    }

    @Override
    public String eventType() {
        return java.util.Objects.requireNonNull(eventType);
    }
}
