// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.pipeline.ResolvedComponent.Launch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class PipelineCompilerTest {
    @Test
    void everyDescriptorOfTheHouseIsSound() {
        assertThat(Documented.CATALOG.problems()).extracting(Problem::render).isEmpty();
        assertThat(Documented.CATALOG.components())
                .extracting(Descriptor::name)
                .contains("kafka-source", "cel-processor", "http-sink");
    }

    @Test
    void resolvesADocumentToAGraph() {
        var pipeline = resolved(Documented.ORDERS);
        assertThat(pipeline.name()).isEqualTo("orders");
        assertThat(pipeline.driver()).isEqualTo("process");
        assertThat(pipeline.components())
                .extracting(ResolvedComponent::id)
                .containsExactly("orders", "normalize", "callback");
        assertThat(pipeline.edges())
                .containsExactly(
                        new ResolvedPipeline.Edge("orders->normalize", "orders", "normalize", List.of()),
                        new ResolvedPipeline.Edge(
                                "normalize->callback", "normalize", "callback", List.of("order.create.*")));
        assertThat(pipeline.fingerprint())
                .matches("[0-9a-f]{64}")
                .isEqualTo(resolved(Documented.ORDERS).fingerprint());
    }

    @Test
    void writesWhatAComponentReads() {
        var config = config(resolved(Documented.ORDERS), "callback");
        assertThat(config.at("/kind").asString()).isEqualTo("sink");
        assertThat(config.at("/type").asString()).isEqualTo("http-sink");
        assertThat(config.at("/config/url").asString()).isEqualTo("http://localhost:3000/callbacks/order-result");
        assertThat(config.at("/config/method").asString())
                .as("a default of the descriptor")
                .isEqualTo("POST");
        assertThat(config.at("/errorHandling/maxAttempts").asInt())
                .as("five retries")
                .isEqualTo(6);
        assertThat(config.at("/errorHandling/deadLetterTopic").asString()).isEqualTo("fiso-dlq-orders");
        assertThat(config.at("/parallelism").asString()).isEqualTo("adaptive");
        assertThat(config.at("/limits/windowBytes").asLong()).isEqualTo(16_777_216);
        assertThat(config.at("/inputs/0").asString()).isEqualTo("normalize->callback");
        var source = config(resolved(Documented.ORDERS), "orders");
        assertThat(source.at("/outputs/0/edge").asString()).isEqualTo("orders->normalize");
    }

    @Test
    void launchesTheJarBesideTheDescriptor() {
        var launch = resolved(Documented.ORDERS).component("callback").launch();
        assertThat(launch).isInstanceOfSatisfying(Launch.Java.class, java -> {
            assertThat(java.jar().toString()).endsWith("components/http-sink/http-sink.jar");
            assertThat(java.jvmArgs()).containsExactly("-Xmx96m");
        });
    }

    @Test
    void aFlowIsAPipelineOfThree() {
        var pipeline = resolved(Documented.FLOW);
        assertThat(pipeline.name()).isEqualTo("order-events");
        assertThat(pipeline.components())
                .extracting(c -> c.type().orElseThrow())
                .containsExactly("kafka-source", "cel-processor", "http-sink");
        assertThat(pipeline.edges())
                .extracting(ResolvedPipeline.Edge::name)
                .containsExactly("source->transform", "transform->sink");
        assertThat(config(pipeline, "transform").at("/config/fields").toString())
                .isEqualTo("{\"id\":\"data.legacy_id\",\"timestamp\":\"time\",\"enriched\":\"\\\"true\\\"\"}");
        assertThat(config(pipeline, "sink").at("/errorHandling/maxAttempts").asInt())
                .isEqualTo(6);
    }

    @Test
    void aFlowMayStandWithoutItsWrapperAndWithoutTransform() {
        var pipeline = resolved(Documented.BARE_FLOW);
        assertThat(pipeline.edges()).extracting(ResolvedPipeline.Edge::name).containsExactly("source->sink");
        assertThat(config(pipeline, "source")
                        .at("/errorHandling/deadLetterTopic")
                        .asString())
                .isEqualTo("fiso-dlq-order-events");
    }

    /** Every key, by the descriptor, so that a new one is not forgotten here. Two flows, since fields and emit exclude each other. */
    @Test
    void theTransformOfAFlowTakesWhateverTheProcessorTakes() {
        var rest = Map.of(
                "where", "data.total > 100",
                "drop", "has(data.test) && data.test",
                "cloudevents", "{type: '\"order.created.v2\"', subject: data.customer.id, tenant: data.tenant}",
                "timeout", "2s",
                "maxOutputBytes", "4096",
                "validate", "{jsonSchema: {required: [id]}}");
        var mapping = new LinkedHashMap<>(rest);
        mapping.put("fields", "{id: data.legacy_id, sum: data.price * data.quantity}");
        var splitting = new LinkedHashMap<>(rest);
        splitting.put("emit", "\"data.items.map(i, {'id': i.sku})\"");
        assertThat(Stream.concat(mapping.keySet().stream(), splitting.keySet().stream())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(Documented.CATALOG
                        .find("cel-processor", ResolvedComponent.Kind.PROCESSOR)
                        .orElseThrow()
                        .configSchema()
                        .get("properties")
                        .propertyNames());

        for (var transform : List.of(mapping, splitting)) {
            var lines = transform.entrySet().stream()
                    .map(entry -> "    " + entry.getKey() + ": " + entry.getValue())
                    .collect(Collectors.joining("\n", "  transform:\n", "\n  sink:\n"));
            var config = config(
                    resolved(Documented.FLOW.replaceFirst(
                            "(?s)  transform:.*?\n  sink:\n", Matcher.quoteReplacement(lines))),
                    "transform");
            var inside = new LinkedHashMap<>(transform);
            inside.remove("validate");
            assertThat(config.at("/config").propertyNames()).containsAll(inside.keySet());
            assertThat(config.at("/config/timeout").asString()).isEqualTo("2s");
            assertThat(config.at("/config/cloudevents/tenant").asString()).isEqualTo("data.tenant");
            assertThat(config.at("/validate/jsonSchema/required/0").asString())
                    .as("validate holds of what the transform takes in, as of any component")
                    .isEqualTo("id");
        }
    }

    @Test
    void theComponentsWordGoesBeforeThePipelines() {
        var text = Documented.ORDERS.replace(
                "config: {url:",
                "errorHandling: {maxAttempts: 2, jitter: 0}\n      limits: {callTimeout: 5s}\n      config: {url:");
        var config = config(resolved(text), "callback");
        assertThat(config.at("/errorHandling/maxAttempts").asInt()).isEqualTo(2);
        assertThat(config.at("/errorHandling/jitter").asDouble()).isZero();
        assertThat(config.at("/errorHandling/deadLetterTopic").asString()).isEqualTo("fiso-dlq-orders");
        assertThat(config.at("/limits/callTimeout").asString()).isEqualTo("5s");
        assertThat(config(resolved(text), "normalize")
                        .at("/errorHandling/maxAttempts")
                        .asInt())
                .isEqualTo(6);
    }

    @Test
    void replacesReferencesAndShowsNone(@TempDir Path directory) throws Exception {
        var secret = Files.writeString(directory.resolve("password"), "hunter22\n");
        var text = Documented.ORDERS
                .replace(
                        "topic: orders}",
                        "topic: \"${TOPIC:-fallback}\", properties: {sasl.jaas.config: {secretRef: {file: " + secret
                                + "}}}}")
                .replace(
                        "config: {url: \"http://localhost:3000/callbacks/order-result\"}",
                        "secrets: {API_TOKEN: {env: THE_TOKEN}}\n      parallelism: ${LANES}\n      config: {url: \"http://${HOST}/$${x}\", headers: {Authorization: \"Bearer literal\"}}");
        var compilation =
                Documented.compile(text, Map.of("HOST", "example.org", "THE_TOKEN", "t0ken-value", "LANES", "7"));
        assertThat(compilation.render()).isEmpty();
        var pipeline = compilation.pipeline().orElseThrow();
        assertThat(config(pipeline, "orders").at("/config/topic").asString()).isEqualTo("fallback");
        assertThat(config(pipeline, "orders")
                        .at("/config/properties/sasl.jaas.config")
                        .asString())
                .isEqualTo("hunter22");
        assertThat(config(pipeline, "callback").at("/config/url").asString()).isEqualTo("http://example.org/${x}");
        assertThat(config(pipeline, "callback").at("/parallelism").asInt()).isEqualTo(7);
        assertThat(pipeline.component("callback").env()).containsEntry("API_TOKEN", "t0ken-value");
        assertThat(pipeline.secrets()).contains("hunter22", "t0ken-value", "Bearer literal");
        var plan = PlanView.text(pipeline, List.of()) + PlanView.json(pipeline, List.of());
        assertThat(plan)
                .contains("${TOPIC:-fallback}", "http://${HOST}/")
                .doesNotContain("hunter22", "t0ken-value", "Bearer literal", "example.org");
    }

    @Test
    void theDriverOfTheCommandLineWins() {
        var compilation = PipelineCompiler.compile(
                SourceText.of("orders.yaml", Documented.ORDERS),
                Documented.CATALOG,
                Environment.of(Map.of()),
                new PipelineCompiler.Options(Optional.of("docker")));
        assertThat(compilation.errors())
                .extracting(Problem::code)
                .containsOnly("pipeline.loopback_address")
                .hasSize(2);
    }

    @Test
    void anOverlayReplacesWhatDiffersUnderADriver() {
        var text = Documented.ORDERS
                .replace("driver: process", "driver: docker")
                .replace("topic: orders}", "topic: orders}\n      drivers: {docker: {config: {brokers: [kafka:9092]}}}")
                .replace("http://localhost:3000", "http://app:3000");
        var config = config(resolved(text), "orders");
        assertThat(config.at("/config/brokers").toString()).isEqualTo("[\"kafka:9092\"]");
        assertThat(config.at("/config/topic").asString()).isEqualTo("orders");
    }

    @Test
    void runsCommandsOfTheUser() {
        var text = Documented.ORDERS.replace(
                "type: cel-processor", "command: [./enrich.py]\n      args: [--fast]\n      env: {LEVEL: 3}");
        var component = resolved(text).component("normalize");
        assertThat(component.launch())
                .isEqualTo(new Launch.Command(
                        List.of("./enrich.py", "--fast"), Path.of("").toAbsolutePath()));
        assertThat(component.env()).containsEntry("LEVEL", "3");
    }

    @Test
    void relativePathsStartAtTheFile() {
        var text = Documented.ORDERS
                .replace("type: kafka-source", "type: file-source")
                .replace("config: {brokers: [\"localhost:9092\"], topic: orders}", "config: {path: data/orders.jsonl}");
        assertThat(config(resolved(text), "orders").at("/config/path").asString())
                .isEqualTo(Path.of("data/orders.jsonl").toAbsolutePath().toString());
    }

    @Test
    void expressionsThatYamlTakesForNumbersStayExpressions() {
        var text = Documented.ORDERS.replace("order_id: data.legacy_id", "order_id: 10.50\n          flag: true");
        assertThat(config(resolved(text), "normalize").at("/config/fields").toString())
                .startsWith("{\"order_id\":\"10.50\",\"flag\":\"true\"");
    }

    @Test
    void warnsOfWhatHasNoEffect() {
        var text = Documented.ORDERS
                .replace("inputs: [orders]", "inputs: [orders]\n      resources: {memory: 256Mi}")
                .replace("- from: normalize\n          types: [\"order.create.*\"]", "- orders");
        var compilation = Documented.compile(text);
        assertThat(compilation.pipeline()).isPresent();
        assertThat(compilation.warnings())
                .extracting(Problem::code)
                .containsExactly("pipeline.unused_output", "pipeline.no_effect");
    }

    @Test
    void keepsStateOnAVolumeWhereTheOverlayOfKubernetesSaysSo() {
        var text = Documented.ORDERS.replace(
                "inputs: [orders]",
                "inputs: [orders]\n      drivers: {kubernetes: {stateVolume: {size: 1Gi, storageClass: fast}}}");

        assertThat(resolved(text).component("normalize").stateVolume()).isEmpty();
        var kubernetes = text.replace("driver: process", "driver: kubernetes")
                .replace("localhost:9092", "kafka:9092")
                .replace("localhost:3000", "app:3000");
        assertThat(resolved(kubernetes).component("normalize").stateVolume())
                .contains(new ResolvedComponent.StateVolume("1Gi", Optional.of("fast")));
        assertThat(Documented.compile(kubernetes.replace("{kubernetes: {stateVolume", "{docker: {stateVolume"))
                        .render())
                .contains("\"docker\" has no key \"stateVolume\"");
    }

    private static ResolvedPipeline resolved(String text) {
        var compilation = Documented.compile(text);
        assertThat(compilation.render()).isEmpty();
        return compilation.pipeline().orElseThrow();
    }

    private static JsonNode config(ResolvedPipeline pipeline, String id) {
        return JsonView.MAPPER.readTree(pipeline.component(id).runtimeConfig());
    }
}
