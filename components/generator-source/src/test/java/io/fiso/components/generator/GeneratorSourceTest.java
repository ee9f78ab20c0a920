// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.generator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import io.fiso.testkit.PipelineDouble;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class GeneratorSourceTest {
    @TempDir
    Path state;

    @Test
    void makesOrdersAndEnds() throws Exception {
        PipelineDouble pipeline = run(config(1000L, null));

        assertThat(pipeline.emitted()).hasSize(1000);
        for (int n = 0; n < 1000; n++) {
            WireEvent event = event(pipeline.emitted().get(n));
            JsonNode order = JsonMapper.shared().readTree(event.dataBytes());
            assertThat(order.get("n").asInt()).isEqualTo(n);
            assertThat(order.get("legacy_id").asString()).isEqualTo("ORD-%08d".formatted(n));
            assertThat(order.get("order_status").isString()).isTrue();
            assertThat(order.get("price").isNumber()).isTrue();
            assertThat(order.get("quantity").isInt()).isTrue();
            assertThat(event.getDataContentType()).isEqualTo("application/json");
            assertThat(event.source()).isEqualTo("fiso-flow/shop");
        }
    }

    @Test
    void givesTheSameNumberTheSameEventWheneverItIsMade() throws Exception {
        List<SourceEvent> first = run(config(50L, null)).emitted();
        List<SourceEvent> second = run(config(50L, null)).emitted();

        HashSet<String> ids = new HashSet<>();
        for (int n = 0; n < 50; n++) {
            assertThat(event(second.get(n)).toByteArray())
                    .isEqualTo(event(first.get(n)).toByteArray());
            ids.add(event(first.get(n)).getId());
        }
        assertThat(ids).hasSize(50);
    }

    @Test
    void goesOnWhereEverythingWasSettled() throws Exception {
        PipelineDouble first = run(config(30L, null));
        PipelineDouble second = new PipelineDouble(config(50L, null), state, 0).resume(first);
        second.start(new GeneratorSource()).awaitEnd();

        assertThat(second.emitted()).hasSize(20);
        assertThat(second.emitted().getFirst().position()).isEqualTo(30);
    }

    @Test
    void fillsInTheUsersTemplateAsTextAndAsYaml() throws Exception {
        assertThat(data(config(3L, "{\"order\":{\"n\":{{n}}},\"key\":\"{{ key }}\"}"), 2))
                .isEqualTo("{\"order\":{\"n\":2},\"key\":\"key-2\"}");
        assertThat(data(config(3L, Map.of("order", Map.of("n", "{{n}}"))), 1)).isEqualTo("{\"order\":{\"n\":1}}");
        assertThat(data(config(3L, Map.of("id", "order-{{n}}")), 1)).isEqualTo("{\"id\":\"order-1\"}");
    }

    @Test
    void refusesABlankThatDoesNotExist() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Template.parse("{\"n\":{{number}}}"))
                .withMessageContaining("{{number}}")
                .withMessageContaining("{{n}}");
    }

    @Test
    void padsOrdersToASize() throws Exception {
        GeneratorSourceConfig config = new GeneratorSourceConfig(10L, null, null, 0, 300, null);
        for (SourceEvent emitted : run(config).emitted()) {
            assertThat(event(emitted).dataLength()).isBetween(270, 330);
            assertThat(JsonMapper.shared().readTree(event(emitted).dataBytes()).isObject())
                    .isTrue();
        }
    }

    @Test
    void spreadsEventsOverKeys() throws Exception {
        HashSet<String> keys = new HashSet<>();
        for (SourceEvent emitted :
                run(new GeneratorSourceConfig(100L, null, null, 7, 0, null)).emitted()) {
            keys.add(new String(emitted.orderKey(), UTF_8));
        }
        assertThat(keys).hasSize(7);
    }

    @Test
    void keepsItsRate() throws Exception {
        long start = System.nanoTime();
        run(new GeneratorSourceConfig(21L, 100.0, null, 0, 0, null));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(190));
    }

    @Test
    void stopsAtOnceWhenItHasNoEnd() throws Exception {
        PipelineDouble pipeline = new PipelineDouble(new GeneratorSourceConfig(null, 0.01, null, 0, 0, null), state, 0);
        pipeline.start(new GeneratorSource());
        pipeline.awaitEmitted(1);
        pipeline.stop();
        assertThat(pipeline.failure()).isNull();
    }

    private PipelineDouble run(GeneratorSourceConfig config) throws Exception {
        PipelineDouble pipeline = new PipelineDouble(config, state, 0);
        pipeline.start(new GeneratorSource()).awaitEnd();
        assertThat(pipeline.failure()).isNull();
        return pipeline;
    }

    private String data(GeneratorSourceConfig config, int n) throws Exception {
        return new String(event(run(config).emitted().get(n)).dataBytes(), UTF_8);
    }

    private static GeneratorSourceConfig config(@Nullable Long count, @Nullable Object data) {
        return new GeneratorSourceConfig(count, null, data, 0, 0, null);
    }

    private static WireEvent event(SourceEvent emitted) {
        return WireEvent.from(Objects.requireNonNull(emitted.event()));
    }
}
