// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Primitives;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What a whole broker tells on {@code /metrics}. */
@Timeout(300)
class MetricsTest {
    private static final String ORDERS = "default/shop/streams/orders";
    private static final String MAILS = "default/shop/queues/mails";

    @TempDir
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private BrokerServer broker;

    @BeforeEach
    void start() {
        InstantSource clock = InstantSource.system();
        broker = BrokerServer.start(BrokerSettings.of(directory, 0, 0), clock, new Primitives(clock));
    }

    @AfterEach
    void stop() {
        client.shutdownNow();
        broker.close();
    }

    @Test
    void whoAsksNeedsNoTokenAndTheTextIsThatOfPrometheus() throws Exception {
        HttpResponse<String> answer = metrics();

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain; version=0.0.4");
        assertThat(answer.body())
                .contains("# TYPE fiso_broker_store_sync_duration_seconds histogram")
                .contains("fiso_broker_store_read_only 0.0")
                .containsPattern("fiso_broker_store_free_bytes [1-9]")
                .containsPattern("fiso_broker_store_bytes [1-9]");
    }

    @Test
    void streamsTellWhatWasAppendedAndHowFarGroupsAre() throws Exception {
        make(ORDERS);
        post(
                "/v1/resources/" + ORDERS + "/records",
                "{\"records\": [{\"payload\": \"YQ==\"}, {\"payload\": \"Yg==\"}]}");
        post("/v1/resources/" + ORDERS + "/groups/billing/members", "{\"start\": \"STREAM_POSITION_EARLIEST\"}");

        assertThat(metrics().body().lines())
                .contains(
                        "fiso_broker_records_appended_total 2.0",
                        "fiso_broker_stream_end_offset{partition=\"0\",stream=\"" + ORDERS + "\"} 2.0",
                        "fiso_broker_group_lag{group=\"billing\",partition=\"0\",stream=\"" + ORDERS + "\"} 2.0",
                        "fiso_broker_subscriptions 0.0",
                        "fiso_broker_requests_total{method=\"fiso.broker.v1.Streams/Append\",status=\"OK\"} 1.0")
                .anyMatch(line -> line.matches("fiso_broker_store_commits_total [1-9].*"))
                .anyMatch(line -> line.matches("fiso_broker_store_sync_duration_seconds_count [1-9].*"));
    }

    @Test
    void queuesTellWhatIsInThemAndWhatWasDone() throws Exception {
        make(MAILS);
        String jobs = "/v1/resources/" + MAILS + "/jobs";
        post(jobs, "{\"jobs\": [{\"payload\": \"YQ==\"}, {\"payload\": \"Yg==\"}, {\"payload\": \"Yw==\"}]}");
        post(jobs + ":ack", "{\"lease\": \"" + lease(jobs) + "\"}");
        post(jobs + ":nack", "{\"lease\": \"" + lease(jobs) + "\"}");
        assertThat(send(jobs + ":ack", "{\"lease\": \"none\"}").statusCode()).isEqualTo(400);

        assertThat(metrics().body().lines())
                .contains(
                        "fiso_broker_queue_jobs{queue=\"" + MAILS + "\"} 2.0",
                        "fiso_broker_jobs_total{event=\"enqueued\"} 3.0",
                        "fiso_broker_jobs_total{event=\"reserved\"} 2.0",
                        "fiso_broker_jobs_total{event=\"acked\"} 1.0",
                        "fiso_broker_jobs_total{event=\"nacked\"} 1.0",
                        "fiso_broker_jobs_total{event=\"dead_lettered\"} 0.0",
                        "fiso_broker_requests_total{method=\"fiso.broker.v1.Queues/AckJob\",status=\"INVALID_ARGUMENT\"} 1.0");
    }

    @Test
    void aJobThatIsGivenUpIsCountedOnce() throws Exception {
        post("/v1/resources", "{\"resource\": {\"name\": \"" + MAILS + "\", \"queue\": {\"attemptsMax\": 1}}}");
        String jobs = "/v1/resources/" + MAILS + "/jobs";
        post(jobs, "{\"jobs\": [{\"payload\": \"YQ==\"}]}");
        post(jobs + ":nack", "{\"lease\": \"" + lease(jobs) + "\"}");

        assertThat(metrics().body().lines())
                .contains(
                        "fiso_broker_jobs_total{event=\"dead_lettered\"} 1.0",
                        "fiso_broker_queue_jobs{queue=\"" + MAILS + "\"} 0.0",
                        "fiso_broker_queue_jobs{queue=\"" + MAILS + ".dlq\"} 1.0");
    }

    private String lease(String jobs) throws Exception {
        return JsonMapper.builder()
                .build()
                .readTree(post(jobs + ":reserve", "{}"))
                .at("/jobs/0/lease")
                .asString();
    }

    private void make(String name) throws Exception {
        post("/v1/resources", "{\"resource\": {\"name\": \"" + name + "\"}}");
    }

    private String post(String path, String json) throws Exception {
        HttpResponse<String> answer = send(path, json);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private HttpResponse<String> send(String path, String json) throws Exception {
        return client.send(
                request(path)
                        .header("Authorization", "Bearer " + broker.ownToken())
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(json))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> metrics() throws Exception {
        return client.send(request("/metrics").build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + broker.httpPort() + path));
    }
}
