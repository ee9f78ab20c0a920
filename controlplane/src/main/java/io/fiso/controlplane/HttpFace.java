// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** HTTP on the loopback address, for probes and scrapers: what it shows is no secret, so it asks for no token. */
final class HttpFace implements AutoCloseable {
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Ports.Bound<HttpServer> server;

    HttpFace(OptionalInt port, RunMetrics metrics, BooleanSupplier ready) {
        this.server = Ports.bind("HTTP", Ports.LOOPBACK, 9090, port, address -> HttpServer.create(address, 64));
        HttpServer http = server.value();
        http.setExecutor(executor);
        http.createContext("/", exchange -> answer(exchange, 404, "text/plain", "not found\n"));
        http.createContext("/health", exchange -> answer(exchange, 200, "text/plain", "ok\n"));
        http.createContext("/healthz", exchange -> answer(exchange, 200, "text/plain", "ok\n"));
        http.createContext("/readyz", exchange -> {
            boolean isReady = ready.getAsBoolean();
            answer(exchange, isReady ? 200 : 503, "text/plain", isReady ? "ready\n" : "not ready\n");
        });
        http.createContext("/metrics", exchange -> {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            metrics.write(text);
            answer(exchange, 200, RunMetrics.CONTENT_TYPE, text.toString(StandardCharsets.UTF_8));
        });
        http.start();
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    Ports.Bound<HttpServer> bound() {
        return server;
    }

    int port() {
        return server.value().getAddress().getPort();
    }

    @Override
    public void close() {
        server.value().stop(0);
        executor.shutdownNow();
    }
}
