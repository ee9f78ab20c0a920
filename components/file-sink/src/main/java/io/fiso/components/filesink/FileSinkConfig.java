// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.filesink;

import org.jspecify.annotations.Nullable;

/**
 * The sink's config.
 *
 * @param path the file to append to
 * @param format what of an event is written
 */
record FileSinkConfig(String path, @Nullable Format format) {
    /** What of an event is written. */
    enum Format {
        /** The whole event. */
        JSON,
        /** The payload alone. */
        DATA
    }

    FileSinkConfig {
        if (path == null || path.isBlank()) {
            throw new IllegalArgumentException("path is missing; name the file to append to, such as out/orders.jsonl");
        }
        format = format == null ? Format.JSON : format;
    }

    @Override
    public Format format() {
        return java.util.Objects.requireNonNull(format);
    }
}
