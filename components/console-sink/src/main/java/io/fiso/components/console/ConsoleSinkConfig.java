// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.console;

import org.jspecify.annotations.Nullable;

/**
 * The sink's config.
 *
 * @param format how an event is shown
 */
record ConsoleSinkConfig(@Nullable Format format) {
    /** How an event is shown. */
    enum Format {
        /** The whole event on one line. */
        JSON,
        /** The whole event, indented. */
        PRETTY,
        /** The payload alone, on one line. */
        DATA
    }

    ConsoleSinkConfig {
        format = format == null ? Format.JSON : format;
    }

    @Override
    public Format format() {
        return java.util.Objects.requireNonNull(format);
    }
}
