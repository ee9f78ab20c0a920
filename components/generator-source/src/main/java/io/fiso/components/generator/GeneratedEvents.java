// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.generator;

import io.fiso.sdk.event.WireEvent;
import java.nio.charset.StandardCharsets;

/**
 * Builds events as wire bytes: everything that does not change from event to event is encoded once. Not thread-safe.
 *
 * <p>The layout is that of {@code io.cloudevents.v1.CloudEvent}: id = 1, source = 2, spec_version = 3, type = 4, attributes = 5, binary_data = 6.
 */
final class GeneratedEvents {
    private static final byte TAG_ID = 1 << 3 | 2;
    private static final byte TAG_BINARY_DATA = 6 << 3 | 2;

    private final byte[] idPrefix;
    private final byte[] constant;
    private final Template template;
    private final ByteArray payload = new ByteArray();
    private final ByteArray event = new ByteArray();

    GeneratedEvents(String component, String source, String type, Template template) {
        this.idPrefix = utf8(component + "-");
        this.template = template;
        ByteArray fields = new ByteArray();
        text(fields, 2, utf8(source));
        text(fields, 3, utf8("1.0"));
        text(fields, 4, utf8(type));
        attribute(fields, "datacontenttype", "application/json");
        this.constant = fields.toByteArray();
    }

    /** Event {@code n}: always the same for the same number (guarantee D6). */
    WireEvent event(long n, byte[] key) {
        payload.clear();
        template.render(n, key, payload);
        event.clear();
        event.append(TAG_ID);
        event.appendVarint(idPrefix.length + ByteArray.decimalDigits(n));
        event.append(idPrefix);
        event.appendDecimal(n, 1);
        event.append(constant);
        event.append(TAG_BINARY_DATA);
        event.appendVarint(payload.length());
        event.append(payload);
        return WireEvent.of(event.toByteArray());
    }

    private static void text(ByteArray out, int field, byte[] value) {
        out.append((byte) (field << 3 | 2));
        out.appendVarint(value.length);
        out.append(value);
    }

    /** An entry of the attribute map: key = 1, value = 2, in which ce_string = 3. */
    private static void attribute(ByteArray out, String name, String value) {
        ByteArray attributeValue = new ByteArray();
        text(attributeValue, 3, utf8(value));
        ByteArray entry = new ByteArray();
        text(entry, 1, utf8(name));
        text(entry, 2, attributeValue.toByteArray());
        text(out, 5, entry.toByteArray());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
