// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class PositionsTest {
    @Test
    void readsWhereToBegin() {
        assertThat(StartOffset.parse("latest")).isEqualTo(new StartOffset.Latest());
        assertThat(StartOffset.parse(" Earliest ")).isEqualTo(new StartOffset.Earliest());
        assertThat(StartOffset.parse("1200")).isEqualTo(new StartOffset.At(1200));
        assertThat(StartOffset.parse("2026-01-31T01:00:00+01:00"))
                .isEqualTo(new StartOffset.Since(Instant.parse("2026-01-31T00:00:00Z")));
        assertThat(StartOffset.parse("1767225600000"))
                .isEqualTo(new StartOffset.Since(Instant.ofEpochMilli(1_767_225_600_000L)));
    }

    @Test
    void readsWhereToEnd() {
        assertThat(Until.parse("end")).isEqualTo(new Until.End());
        assertThat(Until.parse("2026-01-31T00:00:00Z"))
                .isEqualTo(new Until.Time(Instant.parse("2026-01-31T00:00:00Z")));
        assertThat(Until.parse("1767225600000")).isEqualTo(new Until.Time(Instant.ofEpochMilli(1_767_225_600_000L)));
    }

    @Test
    void refusesWhatIsNeither() {
        assertThatThrownBy(() -> StartOffset.parse("yesterday")).hasMessageContaining("\"yesterday\" is none of");
        assertThatThrownBy(() -> StartOffset.parse("-1")).hasMessageContaining("\"-1\" is none of");
        assertThatThrownBy(() -> StartOffset.parse("2026-01-31")).hasMessageContaining("such as 2026-01-31T00:00:00Z");
        assertThatThrownBy(() -> Until.parse("1200")).hasMessageContaining("neither end nor a time");
    }
}
