// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StandardErrorTest {
    @Test
    void causesAreQuotedFromWarningsErrorsAndPlainTextOnly() {
        assertThat(StandardError.telling(List.of(
                        "{\"level\":\"info\",\"message\":\"Started\"}",
                        "{\"level\":\"error\",\"message\":\"It failed\",\"error\":\"java.io.IOException: gone\\n\\tat X\"}",
                        "{\"severity\":\"DEBUG\",\"msg\":\"x\"}",
                        "{not json",
                        "Exception in thread main")))
                .containsExactly("It failed: java.io.IOException: gone", "{not json", "Exception in thread main");
    }

    @Test
    void aStructuredLineThatWasCutStillHasItsLevel() {
        assertThat(StandardError.telling(List.of(
                        "{\"time\":\"now\",\"level\":\"INFO\",\"message\":\"Started as gene",
                        "{\"level\":\"WARNING\",\"message\":\"It is about to")))
                .containsExactly("{\"level\":\"WARNING\",\"message\":\"It is about to");
    }

    @Test
    void plainLinesThatSayTheyAreHarmlessAreNoCause() {
        assertThat(StandardError.telling(List.of(
                        "INFO:root:Started",
                        "2026-01-31T12:00:00.123Z [main] INFO Started",
                        "[2026-01-31 12:00:00,123] DEBUG looking",
                        "time=2026-01-31T12:00:00Z level=info msg=\"Started\"",
                        "Jan 31, 2026 12:00:00 PM org.example.Sink open",
                        "INFO: Started",
                        "2026-01-31 12:00:00 ERROR gone",
                        "level=error msg=gone",
                        "INFORMATION IS POWER",
                        "no INFO about it")))
                .containsExactly(
                        "2026-01-31 12:00:00 ERROR gone",
                        "level=error msg=gone",
                        "INFORMATION IS POWER",
                        "no INFO about it");
    }

    @Test
    void ofAStackTraceTheFirstLineIsQuoted() {
        assertThat(StandardError.cause(List.of(
                        "It is slow",
                        "Exception in thread \"main\" java.lang.IllegalStateException: no disk",
                        "\tat org.example.Sink.open(Sink.java:12)",
                        "Caused by: java.io.IOException: gone",
                        "\tat org.example.Disk.open(Disk.java:7)",
                        "\t... 1 more")))
                .contains("Exception in thread \"main\" java.lang.IllegalStateException: no disk");
        assertThat(StandardError.cause(List.of(
                        "Traceback (most recent call last):", "  File \"sink.py\", line 3", "ValueError: no disk")))
                .contains("ValueError: no disk");
        assertThat(StandardError.cause(List.of("\tat org.example.Disk.open(Disk.java:7)")))
                .contains("at org.example.Disk.open(Disk.java:7)");
        assertThat(StandardError.cause(List.of())).isEmpty();
    }
}
