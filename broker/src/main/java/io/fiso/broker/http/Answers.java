// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.sun.net.httpserver.HttpExchange;
import io.fiso.broker.service.GrpcErrors;
import io.grpc.Metadata;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Writes answers that are written in one go. */
final class Answers {
    private static final int DRAIN_MAX_BYTES = 32 * 1024 * 1024;

    private Answers() {}

    /** Does nothing if an answer has begun. */
    static void problem(HttpExchange exchange, HttpProblem problem) throws IOException {
        if (exchange.getResponseCode() != -1) {
            return;
        }
        drain(exchange.getRequestBody());
        problem.headers().forEach(exchange.getResponseHeaders()::set);
        whole(exchange, problem.httpStatus(), "application/json", problem.json().getBytes(StandardCharsets.UTF_8));
    }

    static void whole(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        begin(exchange, type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    static void begin(HttpExchange exchange, String type) {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
    }

    static Metadata code(String code) {
        Metadata trailers = new Metadata();
        trailers.put(GrpcErrors.CODE, code);
        return trailers;
    }

    /** A client that still sends would see its connection break, and not the answer. */
    private static void drain(InputStream body) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        int left = DRAIN_MAX_BYTES;
        int read = 0;
        while (left > 0 && read >= 0) {
            read = body.read(buffer);
            left -= Math.max(read, 0);
        }
    }
}
