// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fiso.kafka.StartOffset;
import io.fiso.kafka.Until;
import java.time.Duration;
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
    void readsWhereToEnd() {
        assertThat(config(null, null, Map.of()).bound()).isEmpty();
        assertThat(config("end", null, Map.of()).bound()).contains(new Until.End());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("tomorrow", null, Map.of()))
                .withMessageContaining("until \"tomorrow\"");
    }

    @Test
    void boundsTheHandoverOfAPartition() {
        assertThat(config(null, null, Map.of()).revokeTimeout()).isEqualTo(Duration.ofSeconds(20));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(null, Duration.ofSeconds(6), Map.of("max.poll.interval.ms", 6000)))
                .withMessageContaining("below max.poll.interval.ms (6000 ms)");
    }

    @Test
    void refusesPropertiesThatTheGuaranteesRestOn() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(null, null, Map.of("enable.auto.commit", true)))
                .withMessageContaining("enable.auto.commit");
    }

    @Test
    void wantsOneOfTopicAndTopics() {
        assertThatIllegalArgumentException().isThrownBy(() -> topics(null, List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> topics("a", List.of("b")));
        assertThat(topics(null, List.of("a", "b")).allTopics()).containsExactly("a", "b");
    }

    private static KafkaSourceConfig topics(@Nullable String topic, List<String> topics) {
        return new KafkaSourceConfig("a:1", topic, topics, null, null, null, null, null, null, null, Map.of());
    }

    private static KafkaSourceConfig config(
            @Nullable Object until, @Nullable Duration revokeTimeout, Map<String, Object> properties) {
        return new KafkaSourceConfig(
                "a:1", "orders", List.of(), null, null, until, null, revokeTimeout, null, null, properties);
    }

    private static KafkaSourceConfig config(Object brokers, @Nullable Object start) {
        return new KafkaSourceConfig(brokers, "orders", List.of(), null, start, null, null, null, null, null, Map.of());
    }
}
