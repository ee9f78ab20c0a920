// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Health and metrics over HTTP. */
final class HttpEndpoint implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Answers of the component. */
    interface Answers {
        /** Empty while it is alive and well, else what is wrong. */
        String unhealthy();

        /** Empty when it can do its work, else what it waits for. */
        String notReady();
    }

    HttpEndpoint(HostPort address, Answers answers, ComponentMetrics metrics) throws IOException {
        server = HttpServer.create(address.socketAddress(), 0);
        server.setExecutor(threads);
        server.createContext("/health", exchange -> answer(exchange, answers::unhealthy));
        server.createContext("/healthz", exchange -> answer(exchange, answers::unhealthy));
        server.createContext("/readyz", exchange -> answer(exchange, answers::notReady));
        server.createContext("/metrics", exchange -> {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            metrics.write(text);
            send(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", text.toByteArray());
        });
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void answer(HttpExchange exchange, Supplier<String> problem) throws IOException {
        String found = problem.get();
        byte[] body = (found.isEmpty() ? "ok\n" : found + "\n").getBytes(StandardCharsets.UTF_8);
        send(exchange, found.isEmpty() ? 200 : 503, "text/plain; charset=utf-8", body);
    }

    private static void send(HttpExchange exchange, int status, String contentType, byte[] body) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", contentType);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
