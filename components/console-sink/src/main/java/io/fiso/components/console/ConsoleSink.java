// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.console;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.event.JsonFormat;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes events to the process's standard output, which is this sink's alone: logs go elsewhere. A batch counts as delivered when it was written. */
public final class ConsoleSink implements BatchEventSink {
    /** Numbers keep their digits. */
    private static final JsonMapper PRETTY = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .build();

    private final OutputStream console;
    private ConsoleSinkConfig.Format format = ConsoleSinkConfig.Format.JSON;

    /** A sink that writes to standard output. */
    public ConsoleSink() {
        // Not System.out: nothing between us and the descriptor can buffer, convert or redirect it.
        this(new FileOutputStream(FileDescriptor.out));
    }

    ConsoleSink(OutputStream console) {
        this.console = console;
    }

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new ConsoleSink(), args);
    }

    @Override
    public void open(ComponentContext context) {
        format = context.config(ConsoleSinkConfig.class).format();
    }

    @Override
    public void deliver(List<CloudEvent> events, Outcome outcome) throws IOException {
        ByteArrayOutputStream batch = new ByteArrayOutputStream(events.size() * 512);
        for (CloudEvent event : events) {
            batch.writeBytes(shown(event));
            batch.write('\n');
        }
        batch.writeTo(console);
        console.flush();
    }

    private byte[] shown(CloudEvent event) {
        return switch (format) {
            case JSON -> JsonFormat.encodeLine(event);
            case PRETTY -> indented(JsonFormat.encode(event));
            case DATA -> payload(event);
        };
    }

    private static byte[] indented(byte[] json) {
        try {
            return PRETTY.writerWithDefaultPrettyPrinter().writeValueAsBytes(PRETTY.readTree(json));
        } catch (JacksonException _) {
            // Legal JSON beyond the parser's limits, such as very deep nesting: shown as it is.
            return json;
        }
    }

    private static byte[] payload(CloudEvent event) {
        CloudEventData data = event.getData();
        byte[] bytes = data == null ? new byte[0] : data.toBytes().clone();
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                bytes[i] = ' ';
            }
        }
        return bytes;
    }
}
