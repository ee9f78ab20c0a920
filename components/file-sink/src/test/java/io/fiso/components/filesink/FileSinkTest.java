// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.filesink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.fiso.components.filesink.FileSinkConfig.Format;
import io.fiso.sdk.BatchEventSink.Outcome;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import io.fiso.testkit.PipelineDouble;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSinkTest {
    @TempDir
    Path directory;

    private final FileSink sink = new FileSink();

    @AfterEach
    void close() throws Exception {
        sink.close();
    }

    @Test
    void appendsOneLinePerEventAndMakesDirectories() throws Exception {
        Path file = directory.resolve("out/today/orders.jsonl");
        open(file, Format.JSON);
        deliver(event("1", "{\"a\":\n1}"), event("2", "[]"));
        deliver(event("3", "null"));

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3);
        assertThat(JsonFormat.decode(lines.get(0).getBytes(UTF_8)).getId()).isEqualTo("1");
        assertThat(JsonFormat.decode(lines.get(2).getBytes(UTF_8)).getId()).isEqualTo("3");
    }

    @Test
    void writesThePayloadAloneOnOneLine() throws Exception {
        Path file = directory.resolve("orders.jsonl");
        open(file, Format.DATA);
        deliver(event("1", "{\"a\":\n1}"));
        assertThat(file).hasContent("{\"a\": 1}");
    }

    @Test
    void appendsToWhatIsThereAndEndsALineThatACrashCutOff() throws Exception {
        Path file = directory.resolve("orders.jsonl");
        Files.writeString(file, "old\n{\"half");
        open(file, Format.DATA);
        deliver(event("1", "1"));
        assertThat(Files.readString(file)).isEqualTo("old\n{\"half\n1\n");
    }

    @Test
    void leavesNoHalfBatchBehindAndWorksAgainAfterAnInterruptedWrite() throws Exception {
        Path file = directory.resolve("orders.jsonl");
        open(file, Format.DATA);
        deliver(event("1", "1"));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> deliver(event("2", "2")))
                .isInstanceOf(DeliveryException.class)
                .hasCauseInstanceOf(ClosedByInterruptException.class);
        assertThat(Thread.interrupted()).isTrue();

        deliver(event("2", "2"));
        assertThat(Files.readString(file)).isEqualTo("1\n2\n");
    }

    private void open(Path file, Format format) throws Exception {
        sink.open(new PipelineDouble(new FileSinkConfig(file.toString(), format), directory, 0));
    }

    private void deliver(CloudEvent... events) throws Exception {
        sink.deliver(List.of(events), new Outcome() {
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

    private static CloudEvent event(String id, String json) {
        return WireEvent.builder()
                .id(id)
                .source("/s")
                .type("t")
                .json(json.getBytes(UTF_8))
                .build();
    }
}
