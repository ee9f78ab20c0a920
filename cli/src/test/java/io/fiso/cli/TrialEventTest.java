// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrialEventTest {
    @Test
    void takesPlainJsonAsData() {
        TrialEvent event = TrialEvent.of("{\"a\":1}", "orders", 3);

        assertThat(event.data()).asString().isEqualTo("{\"a\":1}");
        assertThat(event.id()).isEqualTo("test-3");
        assertThat(event.source()).isEqualTo("fiso-flow/orders");
        assertThat(event.type()).isEqualTo("fiso.event");
    }

    @Test
    void takesAStructuredCloudEventApart() {
        TrialEvent event = TrialEvent.of(
                "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"s\",\"type\":\"t\",\"tenant\":\"x\",\"data\":{\"a\":1}}",
                "orders",
                1);

        assertThat(event.data()).asString().isEqualTo("{\"a\":1}");
        assertThat(event.id()).isEqualTo("7");
        assertThat(event.type()).isEqualTo("t");
        assertThat(event.extensions()).hasToString("{tenant=x}");
        assertThat(event.subject()).isNull();
    }

    @Test
    void leavesWhatIsNotJsonToTheTransform() {
        assertThat(TrialEvent.of("not json", "orders", 1).data()).asString().isEqualTo("not json");
    }
}
