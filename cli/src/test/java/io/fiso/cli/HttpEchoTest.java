// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.cli.HttpEcho.Faults;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HttpEchoTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<HttpEcho.Exchange> seen = new ArrayList<>();

    @Test
    void takesEverything() throws Exception {
        try (HttpEcho echo = HttpEcho.start(0, Faults.NONE, Duration.ZERO, 200, seen::add)) {
            HttpResponse<String> answer = post(echo, "/callbacks/a?b=c", "{\"a\":1}");

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(seen).singleElement().satisfies(exchange -> {
                assertThat(exchange.method()).isEqualTo("POST");
                assertThat(exchange.path()).isEqualTo("/callbacks/a?b=c");
                assertThat(exchange.body()).isEqualTo("{\"a\":1}");
                assertThat(exchange.headers()).containsEntry("ce-id", "7");
                assertThat(exchange.status()).isEqualTo(200);
            });
        }
    }

    @Test
    void failsSoManyTimesAndThenNeverAgain() throws Exception {
        assertThat(statuses(new Faults(503, 2, 1, Optional.empty(), Optional.empty(), Optional.empty()), "x", 4))
                .containsExactly(503, 503, 200, 200);
    }

    @Test
    void failsEachNth() throws Exception {
        assertThat(statuses(new Faults(500, 0, 3, Optional.empty(), Optional.empty(), Optional.empty()), "x", 6))
                .containsExactly(200, 200, 500, 200, 200, 500);
    }

    @Test
    void failsOnlyWhatMatches() throws Exception {
        Faults faults = new Faults(404, 0, 1, Optional.of("/bad"), Optional.of("poison"), Optional.empty());
        try (HttpEcho echo = HttpEcho.start(0, faults, Duration.ZERO, 200, seen::add)) {
            assertThat(post(echo, "/good", "poison").statusCode()).isEqualTo(200);
            assertThat(post(echo, "/bad", "fine").statusCode()).isEqualTo(200);
            assertThat(post(echo, "/bad", "has poison in it").statusCode()).isEqualTo(404);
            assertThat(echo.failures()).isEqualTo(1);
        }
    }

    @Test
    void saysWhenToComeBack() throws Exception {
        Faults faults = new Faults(429, 1, 1, Optional.empty(), Optional.empty(), Optional.of("2"));
        try (HttpEcho echo = HttpEcho.start(0, faults, Duration.ZERO, 200, seen::add)) {
            assertThat(post(echo, "/", "x").headers().firstValue("Retry-After")).contains("2");
            assertThat(post(echo, "/", "x").headers().firstValue("Retry-After")).isEmpty();
        }
    }

    @Test
    void waitsBeforeItAnswers() throws Exception {
        try (HttpEcho echo = HttpEcho.start(0, Faults.NONE, Duration.ofMillis(80), 202, seen::add)) {
            long start = System.nanoTime();
            assertThat(post(echo, "/", "x").statusCode()).isEqualTo(202);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(80));
        }
    }

    private List<Integer> statuses(Faults faults, String body, int requests) throws Exception {
        List<Integer> statuses = new ArrayList<>();
        try (HttpEcho echo = HttpEcho.start(0, faults, Duration.ZERO, 200, seen::add)) {
            for (int i = 0; i < requests; i++) {
                statuses.add(post(echo, "/", body).statusCode());
            }
        }
        return statuses;
    }

    private HttpResponse<String> post(HttpEcho echo, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + echo.port() + path))
                .header("ce-id", "7")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
