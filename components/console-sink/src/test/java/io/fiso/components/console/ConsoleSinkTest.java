// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.components.console.ConsoleSinkConfig.Format;
import io.fiso.sdk.BatchEventSink.Outcome;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import io.fiso.testkit.PipelineDouble;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConsoleSinkTest {
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    @Test
    void showsAWholeEventPerLine() throws Exception {
        deliver(null, "{\"a\":\n[1.10]}", "2");

        List<String> lines = console.toString(UTF_8).lines().toList();
        assertThat(lines).hasSize(2);
        WireEvent first = JsonFormat.decode(lines.get(0).getBytes(UTF_8));
        assertThat(first.getId()).isEqualTo("id-0");
        assertThat(new String(first.dataBytes(), UTF_8)).isEqualTo("{\"a\": [1.10]}");
    }

    @Test
    void indentsWithoutTouchingNumbers() throws Exception {
        deliver(Format.PRETTY, "{\"total\":1.10,\"n\":123456789012345678901234567890,\"none\":[]}");
        assertThat(console.toString(UTF_8))
                .contains("\n    \"total\" : 1.10,", "123456789012345678901234567890")
                .endsWith("}\n");
    }

    @Test
    void showsThePayloadAlone() throws Exception {
        deliver(Format.DATA, "{\"a\":\n1}");
        assertThat(console.toString(UTF_8)).isEqualTo("{\"a\": 1}\n");
    }

    private void deliver(@Nullable Format format, String... payloads) throws Exception {
        ConsoleSink sink = new ConsoleSink(console);
        sink.open(new PipelineDouble(new ConsoleSinkConfig(format), Path.of("."), 0));
        List<io.cloudevents.CloudEvent> events = new java.util.ArrayList<>();
        for (String payload : payloads) {
            events.add(WireEvent.builder()
                    .id("id-" + events.size())
                    .source("/s")
                    .type("t")
                    .json(payload.getBytes(UTF_8))
                    .build());
        }
        sink.deliver(events, new Outcome() {
            @Override
            public void failed(int index, DeliveryException reason) {
                throw new AssertionError(reason);
            }

            @Override
            public byte[] orderKey(int index) {
                return new byte[0];
            }
        });
    }
}
