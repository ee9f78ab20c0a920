// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an expression sees of an event. Read on the caller's thread; the payload's bytes must not change meanwhile. */
public interface EventView {
    /**
     * The array that holds the payload as JSON text in UTF-8, from {@link #dataOffset} on; of a structured CloudEvent, its {@code data}. Without a
     * payload {@code data} is null.
     */
    byte[] dataArray();

    /** Where the payload starts in {@link #dataArray}. */
    int dataOffset();

    /** How many bytes the payload has. */
    int dataLength();

    String id();

    String source();

    String type();

    @Nullable
    String subject();

    /** RFC 3339, as the event carries it. */
    @Nullable
    String time();

    @Nullable
    String correlationId();

    /** The other extension attributes, by lower-case name. */
    Map<String, ?> extensions();
}
