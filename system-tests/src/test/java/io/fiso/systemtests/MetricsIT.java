// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What probes and scrapers see. */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class MetricsIT {
    private static final Duration DEADLINE = Duration.ofSeconds(120);

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void theSpecifiedNamesCountWhatHappened(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        String topic = kafka.topic("orders", 1);
        try (HttpStub stub = HttpStub.start()) {
            FisoctlProcess run = sandbox.run(KafkaDeliveryIT.orders("measured", kafka, topic, "earliest", stub));
            RunReport report = sandbox.awaitState("measured", "RUNNING");
            kafka.send(List.of(
                    new ProducerRecord<>(
                            topic,
                            KafkaBroker.bytes("{\"legacy_id\": \"A\", \"n\": 0, \"price\": 2, \"quantity\": 3}")),
                    new ProducerRecord<>(
                            topic,
                            KafkaBroker.bytes("{\"legacy_id\": \"B\", \"n\": 1, \"price\": \"x\", \"quantity\": 3}"))));
            kafka.awaitCommitted("fiso-flow-measured", topic, 1, DEADLINE);

            awaitMetric(report, "orders", "fiso_flow_events_total{", "flow=\"measured\"", "status=", " 1");
            awaitMetric(report, "orders", "fiso_flow_dlq_total{", "flow=\"measured\"", " 1");
            awaitMetric(report, "orders", "fiso_flow_consumer_lag{", "flow=\"measured\"", "partition=", " 0");
            awaitMetric(
                    report, "normalize", "fiso_flow_transform_errors_total{", "flow=\"measured\"", "error_type=", " 1");
            awaitMetric(report, "callback", "fiso_flow_event_duration_seconds", "flow=\"measured\"", "phase=");
            for (String component : List.of("orders", "normalize", "callback")) {
                for (String path : List.of("/health", "/healthz", "/readyz")) {
                    assertThat(get(address(report, component) + path).statusCode())
                            .as("%s of %s", path, component)
                            .isEqualTo(200);
                }
            }
            JsonNode control = JsonMapper.shared()
                    .readTree(Files.readString(sandbox.stateHome().resolve("pipelines/measured/control.json")));
            String plane = "http://127.0.0.1:" + control.get("httpPort").asInt();
            assertThat(get(plane + "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(plane + "/readyz").statusCode()).isEqualTo(200);
            assertThat(get(plane + "/metrics").body()).contains("measured");
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));
        }
    }

    private void awaitMetric(RunReport report, String component, String... parts) throws Exception {
        String url = address(report, component) + "/metrics";
        Eventually.until(
                DEADLINE,
                () -> get(url).body()
                        .lines()
                        .anyMatch(line -> List.of(parts).stream().allMatch(line::contains)),
                () -> "a line with " + List.of(parts) + " at " + component + ":\n" + body(url));
    }

    private static String address(RunReport report, String component) {
        return "http://" + report.component(component).get("httpAddress").asString();
    }

    private String body(String url) {
        try {
            return get(url).body();
        } catch (Exception e) {
            return e.toString();
        }
    }

    private HttpResponse<String> get(String url) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(url)).timeout(DEADLINE).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
