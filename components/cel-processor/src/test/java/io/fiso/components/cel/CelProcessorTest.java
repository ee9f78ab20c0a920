// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.cel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.ConfigException;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.Emitter;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.event.WireEventBuilder;
import io.fiso.testkit.PipelineDouble;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CelProcessorTest {
    private final List<CloudEvent> emitted = new ArrayList<>();

    @Test
    void deadLettersOutputThatDoesNotSatisfyItsSchema() throws Exception {
        CelProcessor processor = new CelProcessor();
        Map<String, Object> schema = Map.of("properties", Map.of("total", Map.of("minimum", 10)));
        processor.open(new PipelineDouble(
                new CelProcessorConfig(Map.of("total", "data.price"), null, null, schema), Path.of("."), 0));
        processor.process(order("{\"price\":10}").build(), collect());
        assertThat(emitted).hasSize(1);
        DeliveryException failure = catchThrowableOfType(
                DeliveryException.class,
                () -> processor.process(order("{\"price\":9}").build(), collect()));
        assertThat(failure.code()).isEqualTo("TRANSFORM_VALIDATION_FAILED");
    }

    @Test
    void replacesTheDataAndKeepsTheAttributes() throws Exception {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("order_id", "data.legacy_id");
        fields.put("total", "data.price * data.quantity");
        fields.put("at", "time");
        fields.put("who", "correlationid + \" \" + ext.tenant");
        fields.put("version", 2);
        processor(fields)
                .process(
                        order("{\"legacy_id\":\"A\",\"price\":2.25,\"quantity\":3}")
                                .attribute("time", "2026-01-31T10:00:00Z")
                                .attribute("correlationid", "c-1")
                                .attribute("tenant", "acme")
                                .build(),
                        collect());

        WireEvent event = WireEvent.from(emitted.getFirst());
        assertThat(new String(event.dataBytes(), UTF_8))
                .isEqualTo(
                        "{\"order_id\":\"A\",\"total\":6.75,\"at\":\"2026-01-31T10:00:00Z\",\"who\":\"c-1 acme\",\"version\":2}");
        assertThat(event.getId()).isEqualTo("A-1");
        assertThat(event.getType()).isEqualTo("order.create.v1");
        assertThat(event.string("tenant")).isEqualTo("acme");
        assertThat(event.getDataContentType()).isEqualTo("application/json");
    }

    @Test
    void failsAnEventItCannotMapForGoodAndSaysWhichField() {
        CelProcessor processor = processor(Map.of("order_id", "data.legacy_id"));
        DeliveryException failure = Objects.requireNonNull(catchThrowableOfType(
                DeliveryException.class,
                () -> processor.process(order("{\"other\":1}").build(), collect())));

        assertThat(failure.kind()).isEqualTo(DeliveryException.Kind.PERMANENT);
        assertThat(failure.code()).isEqualTo("TRANSFORM_FAILED");
        assertThat(failure).hasMessageContaining("order_id").hasMessageContaining("legacy_id");
        assertThat(emitted).isEmpty();
    }

    @Test
    void failsAnEventWithoutJson() {
        CelProcessor processor = processor(Map.of("order_id", "data.legacy_id"));
        WireEvent tombstone = WireEvent.builder().id("1").source("/s").type("t").build();
        assertThatThrownBy(() -> processor.process(tombstone, collect())).isInstanceOf(DeliveryException.class);
        assertThatThrownBy(() -> processor.process(order("not json").build(), collect()))
                .isInstanceOf(DeliveryException.class);
    }

    @Test
    void refusesExpressionsThatDoNotCompileAllAtOnce() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("one", "data.");
        fields.put("two", "dta.x");
        assertThatThrownBy(() -> processor(fields))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .anySatisfy(problem -> assertThat(problem).contains("one"))
                                .anySatisfy(problem -> assertThat(problem).contains("two")));
    }

    private static CelProcessor processor(Map<String, Object> fields) {
        CelProcessor processor = new CelProcessor();
        processor.open(new PipelineDouble(new CelProcessorConfig(fields, null, null, null), Path.of("."), 0));
        return processor;
    }

    private static WireEventBuilder order(String json) {
        return WireEvent.builder()
                .id("A-1")
                .source("/shop")
                .type("order.create.v1")
                .json(json.getBytes(UTF_8));
    }

    private Emitter collect() {
        return new Emitter() {
            @Override
            public void emit(CloudEvent event) {
                emitted.add(event);
            }

            @Override
            public void emit(CloudEvent event, byte[] orderKey) {
                throw new AssertionError("the order key stays");
            }
        };
    }
}
