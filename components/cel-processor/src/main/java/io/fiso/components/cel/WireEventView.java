// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.cel;

import io.fiso.sdk.event.WireEvent;
import io.fiso.transform.EventView;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event as expressions see it; decodes what they ask for.
 *
 * @param event the event
 */
record WireEventView(WireEvent event) implements EventView {
    private static final String CORRELATION_ID = "correlationid";

    @Override
    public byte[] dataArray() {
        return event.array();
    }

    @Override
    public int dataOffset() {
        return event.dataOffset();
    }

    @Override
    public int dataLength() {
        return event.dataLength();
    }

    @Override
    public String id() {
        return event.getId();
    }

    @Override
    public String source() {
        return event.source();
    }

    @Override
    public String type() {
        return event.getType();
    }

    @Override
    public @Nullable String subject() {
        return event.getSubject();
    }

    @Override
    public @Nullable String time() {
        return event.string("time");
    }

    @Override
    public @Nullable String correlationId() {
        return event.string(CORRELATION_ID);
    }

    @Override
    public Map<String, ?> extensions() {
        Map<String, Object> extensions = new HashMap<>();
        for (String name : event.getExtensionNames()) {
            Object value = event.getExtension(name);
            if (value != null && !name.equals(CORRELATION_ID)) {
                extensions.put(name, value);
            }
        }
        return extensions;
    }
}
