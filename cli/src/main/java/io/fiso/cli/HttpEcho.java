// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * An HTTP endpoint that takes everything and fails as planned. Every request is handed to {@code seen} before it is answered, so what was
 * answered was seen. {@code seen} is called by one thread at a time.
 */
final class HttpEcho implements AutoCloseable {
    /**
     * Which requests fail, and how. A request is up for failure if path and body match; of those, every n-th fails until so many have.
     *
     * @param status the status of a failure; 0 = none ever fails
     * @param times how many requests fail in all; 0 = no limit
     * @param every only each n-th of the requests that match; 1 = each of them
     * @param path only requests to this path
     * @param containing only requests whose body contains this text
     * @param retryAfter the header that goes with a failure
     */
    record Faults(
            int status,
            long times,
            long every,
            Optional<String> path,
            Optional<String> containing,
            Optional<String> retryAfter) {
        static final Faults NONE = new Faults(0, 0, 1, Optional.empty(), Optional.empty(), Optional.empty());

        boolean concern(String requestPath, String body) {
            return status != 0
                    && path.map(requestPath::equals).orElse(true)
                    && containing.map(body::contains).orElse(true);
        }
    }

    /** One request and its answer. */
    record Exchange(
            long number,
            Instant at,
            String method,
            String path,
            Map<String, String> headers,
            String body,
            int status) {}

    private static final int MAX_BODY_BYTES = 16 << 20;
    private static final int BACKLOG = 1024;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Faults faults;
    private final Duration delay;
    private final int okStatus;
    private final Consumer<Exchange> seen;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    // Guarded by the fault plan's own monitor: matching, counting and deciding is one step.
    private final Object plan = new Object();
    private long matched;

    private HttpEcho(HttpServer server, Faults faults, Duration delay, int okStatus, Consumer<Exchange> seen) {
        this.server = server;
        this.faults = faults;
        this.delay = delay;
        this.okStatus = okStatus;
        this.seen = seen;
    }

    /** Listens on the loopback interface. */
    static HttpEcho start(int port, Faults faults, Duration delay, int okStatus, Consumer<Exchange> seen)
            throws IOException {
        // Read once by the JDK's server: without the first, small answers wait 40 ms for an acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "4096");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), BACKLOG);
        HttpEcho echo = new HttpEcho(server, faults, delay, okStatus, seen);
        server.setExecutor(echo.threads);
        server.createContext("/", echo::handle);
        server.start();
        return echo;
    }

    int port() {
        return server.getAddress().getPort();
    }

    long requests() {
        return requests.get();
    }

    long failures() {
        return failures.get();
    }

    private void handle(HttpExchange http) throws IOException {
        try (http) {
            String body = new String(http.getRequestBody().readNBytes(MAX_BODY_BYTES), StandardCharsets.UTF_8);
            if (!delay.isZero()) {
                Thread.sleep(delay);
            }
            String path = http.getRequestURI().toString();
            boolean failing = decideToFail(http.getRequestURI().getPath(), body);
            int status = failing ? faults.status() : okStatus;
            long number = requests.incrementAndGet();
            synchronized (seen) {
                seen.accept(new Exchange(
                        number,
                        Instant.now(),
                        http.getRequestMethod(),
                        path,
                        headers(http.getRequestHeaders()),
                        body,
                        status));
            }
            answer(http, number, status, failing);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean decideToFail(String path, String body) {
        if (!faults.concern(path, body)) {
            return false;
        }
        synchronized (plan) {
            matched++;
            boolean due = matched % faults.every() == 0;
            boolean left = faults.times() == 0 || failures.get() < faults.times();
            if (due && left) {
                failures.incrementAndGet();
                return true;
            }
            return false;
        }
    }

    private void answer(HttpExchange http, long number, int status, boolean failing) throws IOException {
        if (failing) {
            faults.retryAfter().ifPresent(value -> http.getResponseHeaders().set("Retry-After", value));
        }
        if (status == 204 || status == 304 || http.getRequestMethod().equals("HEAD")) {
            http.sendResponseHeaders(status, -1);
            return;
        }
        byte[] answer = (failing
                        ? "{\"error\":\"planned failure\",\"request\":" + number + "}"
                        : "{\"request\":" + number + "}")
                .getBytes(StandardCharsets.UTF_8);
        http.getResponseHeaders().set("Content-Type", "application/json");
        http.sendResponseHeaders(status, answer.length);
        http.getResponseBody().write(answer);
    }

    private static Map<String, String> headers(Map<String, List<String>> headers) {
        Map<String, String> flat = new TreeMap<>();
        headers.forEach((name, values) -> flat.put(name.toLowerCase(java.util.Locale.ROOT), String.join(", ", values)));
        return flat;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        try {
            threads.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
