// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An endpoint that keeps every request in the order in which it took them, and answers as the test wrote, by attempt. */
final class HttpStub implements AutoCloseable {
    static {
        // The JDK's server otherwise waits for delayed acknowledgements: 40 ms per request.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Request> requests = new ArrayList<>();
    private final Map<String, Integer> attempts = new HashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Script script = _ -> Answer.OK;
    private volatile boolean forgetful;

    /**
     * One request.
     *
     * @param headers names in lower case; of several with one name the first
     * @param event the body as JSON; missing node if it is none
     * @param attempt which request with this event's id this is, from 1
     * @param atNanos when it came, by {@link System#nanoTime()}
     */
    record Request(
            String method,
            String path,
            Map<String, String> headers,
            String body,
            JsonNode event,
            int attempt,
            long atNanos,
            int status) {
        /** The event's payload, of a structured event. */
        JsonNode data() {
            return event.path("data");
        }

        boolean accepted() {
            return status < 300;
        }
    }

    /** What to answer, and after how long. */
    record Answer(int status, Duration delay, Map<String, String> headers) {
        static final Answer OK = new Answer(200, Duration.ZERO, Map.of());

        static Answer status(int status) {
            return new Answer(status, Duration.ZERO, Map.of());
        }

        /** With the header {@code Retry-After}. */
        Answer retryAfter(Duration time) {
            return new Answer(status, delay, Map.of("Retry-After", Long.toString(time.toSeconds())));
        }

        Answer after(Duration time) {
            return new Answer(status, time, headers);
        }
    }

    /** Decides about a request; its own status in it is still 0. */
    @FunctionalInterface
    interface Script {
        Answer answer(Request request) throws Exception;
    }

    private HttpStub(InetAddress address) throws IOException {
        server = HttpServer.create(new InetSocketAddress(address, 0), 512);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    static HttpStub start() throws IOException {
        return at(InetAddress.getLoopbackAddress());
    }

    /** At another address of this machine. */
    static HttpStub at(InetAddress address) throws IOException {
        return new HttpStub(address);
    }

    String url() {
        return "http://" + server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort() + "/callbacks";
    }

    /** Answers like this from now on. */
    void script(Script next) {
        script = next;
    }

    /** Keeps no requests and counts no attempts from now on: a test that lasts for hours keeps what it needs in its script. */
    void keepNothing() {
        forgetful = true;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Request request = read(exchange);
            Answer answer = script.answer(request);
            if (!forgetful) {
                keep(request, answer);
            }
            if (answer.delay.isPositive() && closed.await(answer.delay.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            answer.headers.forEach(
                    (name, value) -> exchange.getResponseHeaders().add(name, value));
            exchange.sendResponseHeaders(answer.status, -1);
        } catch (IOException e) {
            // The caller was killed; that is what these tests do.
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void keep(Request request, Answer answer) {
        synchronized (requests) {
            requests.add(new Request(
                    request.method,
                    request.path,
                    request.headers,
                    request.body,
                    request.event,
                    request.attempt,
                    request.atNanos,
                    answer.status));
        }
    }

    private Request read(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
        JsonNode event;
        try {
            event = JsonMapper.shared().readTree(body);
        } catch (tools.jackson.core.JacksonException e) {
            event = tools.jackson.databind.node.MissingNode.getInstance();
        }
        String id = event.path("id").asString(headers.getOrDefault("ce-id", body));
        int attempt = 1;
        if (!forgetful) {
            synchronized (requests) {
                attempt = attempts.merge(id, 1, Integer::sum);
            }
        }
        return new Request(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                headers,
                body,
                event,
                attempt,
                System.nanoTime(),
                0);
    }

    /** All requests so far, in order. */
    List<Request> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** Those that were answered with success. */
    List<Request> accepted() {
        return requests().stream().filter(Request::accepted).toList();
    }

    int count() {
        synchronized (requests) {
            return requests.size();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        // Whoever still reads from a caller that was killed is not waited for.
        threads.shutdownNow();
    }
}
