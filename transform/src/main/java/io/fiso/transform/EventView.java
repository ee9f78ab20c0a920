// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an expression sees of an event. Read on the caller's thread; the payload's bytes must not change meanwhile. */
public interface EventView {
    /**
     * What an event in JSON format calls by name, data and {@code correlationid} included; every other member is one of {@link #extensions}. Source: the JSON
     * Event Format for CloudEvents 1.0.2, section 2.
     */
    Set<String> NAMED_MEMBERS = Set.of(
            "specversion",
            "id",
            "source",
            "type",
            "subject",
            "time",
            "datacontenttype",
            "dataschema",
            "data",
            "data_base64",
            "correlationid");

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
