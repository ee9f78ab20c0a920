// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import io.fiso.transform.EventView;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event whose attributes are the same in every case. */
record OrderEvent(byte[] data) implements EventView {
    @Override
    public byte[] dataArray() {
        return data;
    }

    @Override
    public int dataOffset() {
        return 0;
    }

    @Override
    public int dataLength() {
        return data.length;
    }

    @Override
    public String id() {
        return "orders/0/12345";
    }

    @Override
    public String source() {
        return "fiso-flow/orders";
    }

    @Override
    public String type() {
        return "order.create";
    }

    @Override
    public @Nullable String subject() {
        return null;
    }

    @Override
    public String time() {
        return "2026-01-02T03:04:05.678Z";
    }

    @Override
    public @Nullable String correlationId() {
        return null;
    }

    @Override
    public Map<String, ?> extensions() {
        return Map.of();
    }
}
