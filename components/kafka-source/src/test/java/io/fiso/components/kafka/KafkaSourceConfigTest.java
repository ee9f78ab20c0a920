// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaSourceConfigTest {
    @Test
    void hasTheDefaultsOfAFlow() {
        KafkaSourceConfig config = config("localhost:9092", null);
        assertThat(config.group("orders")).isEqualTo("fiso-flow-orders");
        assertThat(config.start()).isEqualTo(new StartOffset.Latest());
        assertThat(config.eventType()).isEqualTo("fiso.event");
    }

    @Test
    void takesBrokersAsListAndAsText() {
        assertThat(config("a:1, b:2,", null).brokerAddresses()).containsExactly("a:1", "b:2");
        assertThat(config(List.of("a:1", "b:2"), null).brokerAddresses()).containsExactly("a:1", "b:2");
    }

    @Test
    void readsEveryKindOfStart() {
        assertThat(config("a:1", "Earliest").start()).isEqualTo(new StartOffset.Earliest());
        assertThat(config("a:1", 1200).start()).isEqualTo(new StartOffset.At(1200));
        assertThat(config("a:1", "2026-01-31T01:00:00+01:00").start())
                .isEqualTo(new StartOffset.Since(Instant.parse("2026-01-31T00:00:00Z")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"newest", "-5", "2026-01-31", ""})
    void refusesOtherStartsAndSaysWhatThereIs(String start) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("a:1", start))
                .withMessageContaining("latest, earliest, an offset");
    }

    @Test
    void refusesPropertiesThatTheGuaranteesRestOn() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KafkaSourceConfig(
                        "a:1", "orders", List.of(), null, null, null, Map.of("enable.auto.commit", true)))
                .withMessageContaining("enable.auto.commit");
    }

    @Test
    void wantsOneOfTopicAndTopics() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KafkaSourceConfig("a:1", null, List.of(), null, null, null, Map.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KafkaSourceConfig("a:1", "a", List.of("b"), null, null, null, Map.of()));
    }

    private static KafkaSourceConfig config(Object brokers, @Nullable Object start) {
        return new KafkaSourceConfig(brokers, "orders", List.of(), null, start, null, Map.of());
    }
}
