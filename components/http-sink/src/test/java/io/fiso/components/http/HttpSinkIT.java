// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cloudevents.CloudEvent;
import io.fiso.components.http.HttpSinkConfig.Mode;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.DeliveryException.Kind;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import io.fiso.testkit.PipelineDouble;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sink against a real HTTP server with planned failures. */
class HttpSinkIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @TempDir
    Path state;

    private final HttpSink sink = new HttpSink();
    private Endpoint endpoint;

    @BeforeEach
    void startEndpoint() throws Exception {
        endpoint = new Endpoint();
    }

    @AfterEach
    void stop() {
        sink.close();
        endpoint.close();
    }

    @Test
    void postsStructuredCloudEvents() throws Exception {
        open(config(null, null));
        sink.deliver(order().attribute("correlationid", "c-1")
                .attribute("traceparent", "00-trace")
                .build());

        Endpoint.Request request = endpoint.requests().getFirst();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).isEqualTo("/callbacks?a=b");
        assertThat(request.header("content-type")).isEqualTo("application/cloudevents+json");
        assertThat(request.header("fiso-event-id")).isEqualTo("A-1");
        assertThat(request.header("fiso-correlation-id")).isEqualTo("c-1");
        assertThat(request.header("traceparent")).isEqualTo("00-trace");
        WireEvent received = JsonFormat.decode(request.body());
        assertThat(received.getId()).isEqualTo("A-1");
        assertThat(received.dataBytes()).isEqualTo("{\"price\": 1.10}".getBytes(UTF_8));
    }

    @Test
    void sendsBinaryCloudEventsWithEncodedHeaders() throws Exception {
        open(config(Mode.BINARY, null));
        sink.deliver(order().subject("grün \"1\"\r\nX-Evil: 1")
                .attribute("tenant", "acme")
                .build());

        Endpoint.Request request = endpoint.requests().getFirst();
        assertThat(request.body()).isEqualTo("{\"price\": 1.10}".getBytes(UTF_8));
        assertThat(request.header("content-type")).isEqualTo("application/json");
        assertThat(request.header("ce-specversion")).isEqualTo("1.0");
        assertThat(request.header("ce-id")).isEqualTo("A-1");
        assertThat(request.header("ce-source")).isEqualTo("/shop");
        assertThat(request.header("ce-type")).isEqualTo("order.create.v1");
        assertThat(request.header("ce-tenant")).isEqualTo("acme");
        assertThat(request.header("ce-subject")).isEqualTo("gr%C3%BCn%20%221%22%0D%0AX-Evil:%201");
        assertThat(request.header("x-evil")).isNull();
        assertThat(request.header("ce-datacontenttype")).isNull();
    }

    @Test
    void letsTheUsersHeadersAndMethodWin() throws Exception {
        open(new HttpSinkConfig(
                endpoint.url("/"),
                "PUT",
                null,
                Map.of("content-type", "application/json", "X-Team", "blue"),
                TIMEOUT,
                4,
                null));
        sink.deliver(order().build());

        Endpoint.Request request = endpoint.requests().getFirst();
        assertThat(request.method()).isEqualTo("PUT");
        assertThat(request.header("content-type")).isEqualTo("application/json");
        assertThat(request.header("x-team")).isEqualTo("blue");
    }

    @ParameterizedTest
    @CsvSource({
        "429,TRANSIENT",
        "502,TRANSIENT",
        "503,TRANSIENT",
        "504,TRANSIENT",
        "400,PERMANENT",
        "401,PERMANENT",
        "403,PERMANENT",
        "404,PERMANENT",
        "422,PERMANENT",
        "500,UNKNOWN",
        "418,UNKNOWN",
        "301,PERMANENT",
        "307,PERMANENT",
    })
    void tellsByTheStatusWhetherTryingAgainMayHelp(int status, Kind kind) throws Exception {
        open(config(null, null));
        endpoint.plan(status, "Location", endpoint.url("/elsewhere").toString());

        DeliveryException failure = failure(order().build());

        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.code()).isEqualTo(Integer.toString(status));
        assertThat(failure)
                .hasMessageContaining("/callbacks answered " + status)
                .hasMessageNotContaining("a=b");
        assertThat(endpoint.requests())
                .as("no redirect is followed, nothing is retried here")
                .hasSize(1);
    }

    @Test
    void readsRetryAfterInSecondsAndAsDate() throws Exception {
        open(config(null, null));
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plusSeconds(90).atOffset(ZoneOffset.UTC));
        endpoint.plan(429, "Retry-After", "7").plan(503, "Retry-After", date).plan(503, "Retry-After", "soon");

        assertThat(failure(order().build()).retryAfter()).contains(Duration.ofSeconds(7));
        assertThat(failure(order().build()).retryAfter())
                .hasValueSatisfying(wait -> assertThat(wait).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(91)));
        assertThat(failure(order().build()).retryAfter()).isEmpty();
    }

    @Test
    void takesSilenceForATransientFailure() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        open(config(null, Duration.ofMillis(300)));
        endpoint.plan(exchange -> {
            try {
                release.await(120, TimeUnit.SECONDS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        DeliveryException failure = failure(order().build());
        release.countDown();

        assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
        assertThat(failure.code()).isEqualTo("SINK_DELIVERY_FAILED");
        assertThat(failure).hasMessageContaining("no answer within 300 ms");
    }

    @Test
    void takesAClosedPortAndAnUnknownHostForTransientFailures() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        open(new HttpSinkConfig(URI.create("http://127.0.0.1:" + port), null, null, Map.of(), TIMEOUT, 4, null));
        DeliveryException refused = failure(order().build());
        assertThat(refused.kind()).isEqualTo(Kind.TRANSIENT);
        assertThat(refused).hasMessageContaining("connection refused");

        sink.close();
        open(new HttpSinkConfig(URI.create("http://nowhere.invalid"), null, null, Map.of(), TIMEOUT, 4, null));
        DeliveryException unknown = failure(order().build());
        assertThat(unknown.kind()).isEqualTo(Kind.TRANSIENT);
        assertThat(unknown).hasMessageContaining("host name is unknown");
    }

    @Test
    void usesConnectionsAgainAlsoAfterFailuresWithABody() throws Exception {
        open(config(null, null));
        for (int i = 0; i < 3; i++) {
            endpoint.plan(exchange -> {
                byte[] body = "x".repeat(10_000).getBytes(UTF_8);
                exchange.sendResponseHeaders(500, body.length);
                exchange.getResponseBody().write(body);
            });
            failure(order().build());
            sink.deliver(order().build());
        }
        assertThat(endpoint.requests().stream()
                        .map(Endpoint.Request::remotePort)
                        .collect(Collectors.toSet()))
                .hasSize(1);
    }

    @Test
    void doesNotReadAnEndlessAnswer() throws Exception {
        open(config(null, null));
        endpoint.plan(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] chunk = new byte[8192];
            for (int i = 0; i < 10_000; i++) {
                exchange.getResponseBody().write(chunk);
            }
        });
        sink.deliver(order().build());
        sink.deliver(order().build());
        assertThat(endpoint.requests()).hasSize(2);
    }

    @Test
    void deliversAsManyAtOnceAsThereAreConnections() throws Exception {
        int parallelism = 16;
        CountDownLatch allThere = new CountDownLatch(parallelism);
        for (int i = 0; i < parallelism; i++) {
            endpoint.plan(exchange -> {
                allThere.countDown();
                try {
                    boolean together = allThere.await(120, TimeUnit.SECONDS);
                    exchange.sendResponseHeaders(together ? 204 : 500, -1);
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        open(new HttpSinkConfig(endpoint.url("/"), null, null, Map.of(), Duration.ofSeconds(30), parallelism, null));
        List<Future<?>> deliveries = new ArrayList<>();
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < parallelism; i++) {
                deliveries.add(threads.submit(() -> {
                    sink.deliver(order().build());
                    return null;
                }));
            }
        }
        for (Future<?> delivery : deliveries) {
            delivery.get();
        }
        assertThat(endpoint.requests()).hasSize(parallelism);
    }

    private void open(HttpSinkConfig config) throws Exception {
        sink.open(new PipelineDouble(config, state, 0));
    }

    private HttpSinkConfig config(@Nullable Mode mode, @Nullable Duration timeout) {
        return new HttpSinkConfig(
                endpoint.url("/callbacks?a=b"), null, mode, Map.of(), timeout == null ? TIMEOUT : timeout, 4, null);
    }

    private DeliveryException failure(CloudEvent event) {
        return java.util.Objects.requireNonNull(
                catchThrowableOfType(DeliveryException.class, () -> sink.deliver(event)), "no failure");
    }

    private static io.fiso.sdk.event.WireEventBuilder order() {
        return WireEvent.builder()
                .id("A-1")
                .source("/shop")
                .type("order.create.v1")
                .json("{\"price\": 1.10}".getBytes(UTF_8));
    }
}
