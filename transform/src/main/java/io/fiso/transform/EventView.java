// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an expression sees of an event. Read at most once per expression set, on the caller's thread. */
public interface EventView {
    /** The payload as JSON text in UTF-8; of a structured CloudEvent, its {@code data}. Empty means no payload: {@code data} is null. */
    byte[] data();

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
