// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.Emitter;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.event.WireEventBuilder;
import org.jspecify.annotations.Nullable;

/** Collects what a processor emits for one event. */
final class Outputs implements Emitter {
    private static final String[] CARRIED = {"traceparent", "correlationid"};

    private final int maxEventBytes;
    private @Nullable WireEvent input;
    private byte[] keyBuffer = Records.NO_KEY;
    private int keyOffset;
    private int keyLength;
    private @Nullable Records target;
    private @Nullable DeliveryException refused;

    Outputs(int maxEventBytes) {
        this.maxEventBytes = maxEventBytes;
    }

    void begin(WireEvent event, byte[] key, int offset, int length, Records records) {
        input = event;
        keyBuffer = key;
        keyOffset = offset;
        keyLength = length;
        target = records;
        refused = null;
    }

    /** Ends the call: nothing is taken after it. */
    void end() throws DeliveryException {
        input = null;
        target = null;
        if (refused != null) {
            throw refused;
        }
    }

    @Override
    public void emit(CloudEvent event) {
        add(event, keyBuffer, keyOffset, keyLength);
    }

    @Override
    public void emit(CloudEvent event, byte[] orderKey) {
        add(event, orderKey, 0, orderKey.length);
    }

    private void add(CloudEvent event, byte[] key, int offset, int length) {
        WireEvent from = input;
        Records records = target;
        if (from == null || records == null) {
            throw new IllegalStateException(
                    "this emitter is valid only during the call of process() it was passed to, on its thread");
        }
        WireEvent out = event == from ? from : carried(from, WireEvent.from(event));
        if (out.size() > maxEventBytes) {
            refused = DeliveryException.permanent(
                    "EVENT_TOO_LARGE",
                    "an output of " + out.size() + " bytes exceeds the limit of " + maxEventBytes + " bytes");
            return;
        }
        records.add(out.array(), out.offset(), out.size(), key, offset, length, 0);
    }

    private static WireEvent carried(WireEvent from, WireEvent out) {
        WireEventBuilder builder = null;
        for (String name : CARRIED) {
            if (from.has(name) && !out.has(name)) {
                builder = builder == null ? out.toBuilder() : builder;
                builder.attribute(name, from.string(name));
            }
        }
        return builder == null ? out : builder.build();
    }
}
