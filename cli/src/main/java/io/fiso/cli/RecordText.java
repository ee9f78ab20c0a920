// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Format;
import io.fiso.cli.output.Style;
import io.fiso.proto.broker.v1.RecordHeader;
import io.fiso.proto.broker.v1.StreamRecord;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A record of a stream, with its place. */
record RecordText(String stream, int partition, StreamRecord record) {
    /** For people: a line about it, its headers, and what it carries. */
    String text(Style style) {
        StringBuilder about = new StringBuilder(BrokerNames.brief(stream) + "-" + partition + "@" + record.getOffset()
                + "  " + Instant.ofEpochMilli(record.getTimestampMillis()));
        if (record.hasKey()) {
            about.append("  key=").append(ByteText.line(record.getKey()));
        }
        for (RecordHeader header : record.getHeadersList()) {
            about.append("\n  ").append(header.getName()).append(": ").append(ByteText.line(header.getValue()));
        }
        return style.dim(about.toString()) + "\n" + payload();
    }

    String payload() {
        return ByteText.show(record.getPayload());
    }

    /** For programs. */
    Map<String, @Nullable Object> data() {
        Map<String, @Nullable Object> data = Format.map(
                "partition",
                partition,
                "offset",
                record.getOffset(),
                "timestamp",
                Instant.ofEpochMilli(record.getTimestampMillis()).toString());
        if (record.hasKey()) {
            ByteText.put(data, "key", record.getKey());
        } else {
            data.put("key", null);
        }
        data.put(
                "headers",
                record.getHeadersList().stream()
                        .map(header -> {
                            Map<String, @Nullable Object> one = new LinkedHashMap<>();
                            one.put("name", header.getName());
                            ByteText.put(one, "value", header.getValue());
                            return one;
                        })
                        .toList());
        ByteText.put(data, "payload", record.getPayload());
        return data;
    }
}
