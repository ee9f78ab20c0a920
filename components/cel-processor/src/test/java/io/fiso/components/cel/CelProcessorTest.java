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
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CelProcessorTest {
    private final List<CloudEvent> emitted = new ArrayList<>();

    @Test
    void deadLettersOutputThatDoesNotSatisfyItsSchema() throws Exception {
        Map<String, Object> schema = Map.of("properties", Map.of("total", Map.of("minimum", 10)));
        CelProcessor processor =
                open(new CelProcessorConfig(Map.of("total", "data.price"), null, null, null, null, null, null, schema));
        processor.process(order("{\"price\":10}").build(), collect());
        assertThat(emitted).hasSize(1);
        DeliveryException failure = catchThrowableOfType(
                DeliveryException.class,
                () -> processor.process(order("{\"price\":9}").build(), collect()));
        assertThat(failure.code()).isEqualTo("TRANSFORM_VALIDATION_FAILED");
    }

    @Test
    void checksNothingWhereNoSchemaIsGiven() {
        Map<String, Object> fields = Map.of("total", "data.price");
        // What a config without "validate" is bound to, and what a caller of the constructor may leave out.
        assertThat(new CelProcessorConfig(fields, null, null, null, null, null, null, Map.of()).outputSchema())
                .isNull();
        assertThat(new CelProcessorConfig(fields, null, null, null, null, null, null, null).outputSchema())
                .isNull();
        assertThat(new CelProcessorConfig(fields, null, null, null, null, null, null, Map.of("type", "object"))
                        .outputSchema())
                .isNotNull();
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

    @Test
    void keepsWhatWhereIsTrueForUnlessDropIsToo() throws Exception {
        CelProcessor processor = open(rules(null, "data.n > 1", "has(data.test) && data.test", null));
        for (String json : List.of("{\"n\":1}", "{\"n\":2}", "{\"n\":3,\"test\":true}", "{\"n\":4,\"test\":false}")) {
            processor.process(order(json).build(), collect());
        }
        assertThat(emitted)
                .extracting(event -> new String(WireEvent.from(event).dataBytes(), UTF_8))
                .containsExactly("{\"n\":2}", "{\"n\":4,\"test\":false}");
    }

    @Test
    void deadLettersWhatCannotBeJudgedRatherThanFilteringIt() {
        CelProcessor processor = open(rules(null, "data.n > 1", null, null));
        DeliveryException failure = Objects.requireNonNull(catchThrowableOfType(
                DeliveryException.class,
                () -> processor.process(order("{\"m\":1}").build(), collect())));
        assertThat(failure.code()).isEqualTo("TRANSFORM_FAILED");
        assertThat(failure).hasMessageStartingWith("where: ").hasMessageContaining("\"n\"");
    }

    @Test
    void passesAnEventOnUntouchedIfNothingIsReplaced() throws Exception {
        WireEvent event = order("no json at all").build();
        open(rules(null, "type.startsWith('order.')", null, null)).process(event, collect());
        assertThat(emitted.getFirst()).isSameAs(event);
    }

    @Test
    void replacesAttributesByWhatTheOriginalEventGives() throws Exception {
        Map<String, Object> overrides = new LinkedHashMap<>();
        overrides.put("id", "data.order + '-x'");
        overrides.put("type", "'order.created'");
        overrides.put("source", "'/new/' + id");
        overrides.put("subject", "type");
        overrides.put("time", "data.at");
        overrides.put("priority", "data.n");
        overrides.put("urgent", true);
        overrides.put("tenant", "null");
        overrides.put("data", "data.inner");
        open(rules(null, null, null, overrides))
                .process(
                        order(
                                        "{\"order\":\"O\",\"at\":\"2026-01-31T10:00:00.50+01:00\",\"n\":7,\"inner\":{\"a\":1.50}}")
                                .attribute("tenant", "acme")
                                .build(),
                        collect());

        WireEvent event = WireEvent.from(emitted.getFirst());
        assertThat(event.getId()).isEqualTo("O-x");
        assertThat(event.getType()).isEqualTo("order.created");
        assertThat(event.source()).isEqualTo("/new/A-1");
        assertThat(event.getSubject()).isEqualTo("order.create.v1");
        assertThat(event.getTime()).isEqualTo("2026-01-31T10:00:00.50+01:00");
        assertThat(event.getExtension("priority")).isEqualTo(7);
        assertThat(event.getExtension("urgent")).isEqualTo(true);
        assertThat(event.getExtensionNames()).doesNotContain("tenant");
        assertThat(new String(event.dataBytes(), UTF_8)).isEqualTo("{\"a\":1.50}");
    }

    @Test
    void splitsAnEventIntoChildrenWithIdsOfTheirOwn() throws Exception {
        CelProcessor processor = open(rules("data.items.map(i, {'sku': i})", null, null, Map.of("type", "'item'")));
        processor.process(
                order("{\"items\":[\"a\",\"b\"]}").attribute("tenant", "acme").build(), collect());
        processor.process(order("{\"items\":[]}").build(), collect());

        assertThat(emitted).extracting(CloudEvent::getId).containsExactly("A-1/0", "A-1/1");
        assertThat(emitted).extracting(CloudEvent::getType).containsOnly("item");
        assertThat(emitted).extracting(event -> event.getExtension("tenant")).containsOnly("acme");
        assertThat(emitted)
                .extracting(event -> new String(WireEvent.from(event).dataBytes(), UTF_8))
                .containsExactly("{\"sku\":\"a\"}", "{\"sku\":\"b\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "id              | data.empty            | cloudevents.id: it is empty",
                "id              | data.n                | cloudevents.id: it must be a text, and is an integer",
                "type            | data.nothing          | cloudevents.type: it is null",
                "source          | data.spaced           | cloudevents.source: it is no URI",
                "subject         | data.empty            | cloudevents.subject: it is empty",
                "subject         | data.lines            | cloudevents.subject: it has a character that no attribute may have: U+000A",
                "datacontenttype | data.spaced           | cloudevents.datacontenttype: it must be a media type",
                "dataschema      | data.word             | cloudevents.dataschema: it must be an absolute URI",
                "time            | data.word             | cloudevents.time: it must be a timestamp",
                "tenant          | data.list             | cloudevents.tenant: no attribute can be a list",
                "tenant          | data.n * 5000000000   | cloudevents.tenant: it needs more than the 32 bits",
                "tenant          | data.absent           | cloudevents.tenant: \"data.absent\": the payload has no \"absent\"",
            })
    void refusesAttributesThatNoEventCanCarry(String name, String expression, String message) {
        CelProcessor processor = open(rules(null, null, null, Map.of(name, expression)));
        String json =
                "{\"empty\":\"\",\"n\":1,\"nothing\":null,\"spaced\":\"a b\",\"lines\":\"a\\nb\",\"word\":\"x\",\"list\":[]}";
        assertThatThrownBy(() -> processor.process(order(json).build(), collect()))
                .isInstanceOf(DeliveryException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void saysWhatExcludesEachOther() {
        Map<String, Object> fields = Map.of("a", "1");
        assertThatThrownBy(() -> new CelProcessorConfig(fields, "[1]", null, null, null, null, null, null))
                .hasMessageContaining("keep emit");
        assertThatThrownBy(
                        () -> new CelProcessorConfig(fields, null, null, null, Map.of("data", "1"), null, null, null))
                .hasMessageContaining("both make the data");
        assertThatThrownBy(() -> new CelProcessorConfig(null, null, null, null, null, null, null, null))
                .hasMessageContaining("at least one of");
        assertThatThrownBy(() -> rules(null, null, null, Map.of("specversion", "'2'")))
                .hasMessageContaining("version of CloudEvents");
    }

    @Test
    void countsWhatIsLeftToTheInterpreter() throws Exception {
        PipelineDouble context = new PipelineDouble(
                new CelProcessorConfig(
                        Map.of("a", "data.n + 1", "b", "regex.extract(string(data.n), 'x').orValue('')"),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null),
                Path.of("."),
                0);
        CelProcessor processor = new CelProcessor();
        processor.open(context);
        processor.process(order("{\"n\":1}").build(), collect());
        assertThatThrownBy(() -> processor.process(order("{\"n\":\"x\"}").build(), collect()))
                .isInstanceOf(DeliveryException.class);
        assertThat(value(context, "fiso_component_transform_interpreted_expressions"))
                .isEqualTo(1);
        assertThat(value(context, "fiso_component_transform_fallbacks")).isEqualTo(1);
    }

    private static double value(PipelineDouble context, String name) {
        return context.metrics().scrape().stream()
                .filter(snapshot -> snapshot.getMetadata().getName().equals(name))
                .flatMap(snapshot -> snapshot.getDataPoints().stream())
                .mapToDouble(point -> switch (point) {
                    case GaugeSnapshot.GaugeDataPointSnapshot gauge -> gauge.getValue();
                    case CounterSnapshot.CounterDataPointSnapshot counter -> counter.getValue();
                    default -> throw new AssertionError(point);
                })
                .sum();
    }

    private static CelProcessor processor(Map<String, Object> fields) {
        return open(new CelProcessorConfig(fields, null, null, null, null, null, null, null));
    }

    private static CelProcessorConfig rules(
            @Nullable String emit,
            @Nullable String where,
            @Nullable String drop,
            @Nullable Map<String, Object> cloudevents) {
        return new CelProcessorConfig(null, emit, where, drop, cloudevents, null, null, null);
    }

    private static CelProcessor open(CelProcessorConfig config) {
        CelProcessor processor = new CelProcessor();
        processor.open(new PipelineDouble(config, Path.of("."), 0));
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
