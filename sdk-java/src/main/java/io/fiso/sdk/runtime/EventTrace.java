// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.event.WireEvent;

/**
 * What ties log lines to the event being handled on this thread.
 *
 * @param event the event being handled; null outside of events
 */
record EventTrace(@org.jspecify.annotations.Nullable WireEvent event) {
    private static final ScopedValue<EventTrace> CURRENT = ScopedValue.newInstance();
    private static final EventTrace NONE = new EventTrace(null);

    static EventTrace current() {
        return CURRENT.isBound() ? CURRENT.get() : NONE;
    }

    /** Binds an event to what runs within; nothing of it is decoded unless something is logged. */
    static ScopedValue.Carrier of(WireEvent event) {
        return ScopedValue.where(CURRENT, new EventTrace(event));
    }

    String traceId() {
        String parent = attribute("traceparent");
        return parent.length() >= 35 ? parent.substring(3, 35) : "";
    }

    String correlationId() {
        return attribute("correlationid");
    }

    private String attribute(String name) {
        if (event == null) {
            return "";
        }
        String value = event.string(name);
        return value == null ? "" : value;
    }
}
