// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.fiso.broker.service.Authentication;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes a call from a request, and an answer from what comes of it. */
final class Transcoder {
    static final String JSON = "application/json";
    static final String LINES = "application/x-ndjson";

    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().omittingInsignificantWhitespace().alwaysPrintFieldsWithNoPresence();

    private final Routes routes;
    private final Channel channel;
    private final HttpBounds bounds;
    private final Bodies bodies;

    Transcoder(Routes routes, Channel channel, HttpBounds bounds) {
        this.routes = routes;
        this.channel = channel;
        this.bounds = bounds;
        this.bodies = new Bodies(bounds.bodiesMaxBytes());
    }

    /**
     * @param path as it was sent
     * @param arriving closed when all of the request is here
     * @throws HttpProblem if there is no answer, and nothing of one was sent
     */
    void serve(HttpExchange exchange, String path, String authorization, Deadlines.Deadline arriving)
            throws IOException, InterruptedException {
        Routes.Match match = routes.find(exchange.getRequestMethod(), RequestPath.parse(path));
        Query query = Query.parse(exchange.getRequestURI().getRawQuery());
        try (Bodies.Room room = bodies.take(bodyMaxBytes(exchange.getRequestHeaders()))) {
            byte[] body = body(exchange);
            arriving.close();
            room.shrink(body.length);
            call(exchange, match.route(), match.route().request(match.variables(), query, body), authorization);
        }
    }

    private void call(HttpExchange exchange, Route route, Message request, String authorization)
            throws IOException, InterruptedException {
        if (request.getSerializedSize() > bounds.messageMaxBytes()) {
            throw tooLarge("the request's message", bounds.messageMaxBytes());
        }
        Metadata headers = new Metadata();
        headers.put(Authentication.AUTHORIZATION, authorization);
        try (RpcCall call = RpcCall.start(channel, route.method(), request, headers)) {
            if (route.method().streamsAnswers()) {
                stream(exchange, route, call);
            } else {
                one(exchange, route, call);
            }
        }
    }

    /** How much a request may send. */
    private int bodyMaxBytes(Headers headers) {
        String length = headers.getFirst("Content-Length");
        if (length == null) {
            return headers.containsKey("Transfer-Encoding") ? bounds.bodyMaxBytes() : 0;
        }
        if (length.length() > 10 || Long.parseLong(length) > bounds.bodyMaxBytes()) {
            throw tooLarge("the body", bounds.bodyMaxBytes());
        }
        return Integer.parseInt(length);
    }

    private byte[] body(HttpExchange exchange) throws IOException {
        Headers headers = exchange.getRequestHeaders();
        String length = headers.getFirst("Content-Length");
        boolean any = headers.containsKey("Transfer-Encoding") || (length != null && !length.equals("0"));
        if (!any) {
            return new byte[0];
        }
        checkType(headers.getFirst("Content-Type"));
        String encoding = headers.getFirst("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw HttpProblem.of(
                    415,
                    Status.Code.INVALID_ARGUMENT,
                    "broker.content_encoding_wrong",
                    "a body is taken as it is, not compressed");
        }
        byte[] body = exchange.getRequestBody().readNBytes(bounds.bodyMaxBytes() + 1);
        if (body.length > bounds.bodyMaxBytes()) {
            throw tooLarge("the body", bounds.bodyMaxBytes());
        }
        return body;
    }

    private static void checkType(@Nullable String type) {
        String[] parts =
                type == null ? new String[] {""} : type.toLowerCase(Locale.ROOT).split(";", -1);
        boolean right = parts[0].strip().equals(JSON);
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip().replace("\"", "");
            right &= !parameter.startsWith("charset=") || parameter.equals("charset=utf-8");
        }
        if (!right) {
            throw HttpProblem.of(
                    415,
                    Status.Code.INVALID_ARGUMENT,
                    "broker.content_type_wrong",
                    "a body is JSON in UTF-8, and the header Content-Type says so: " + JSON);
        }
    }

    private static HttpProblem tooLarge(String what, int max) {
        return HttpProblem.of(
                413,
                Status.Code.RESOURCE_EXHAUSTED,
                "broker.body_too_large",
                what + " has more than " + max + " bytes, which is the most that is taken");
    }

    private static void one(HttpExchange exchange, Route route, RpcCall call) throws IOException, InterruptedException {
        Message answer = null;
        while (true) {
            switch (call.next()) {
                case RpcCall.Opened() -> {}
                case RpcCall.Answer(Message message) -> answer = message;
                case RpcCall.Ended(Status status, Metadata trailers) -> {
                    if (!status.isOk()) {
                        throw HttpProblem.of(status, trailers);
                    }
                    if (answer == null) {
                        throw HttpProblem.of(Status.INTERNAL.withDescription("there is no answer"), null);
                    }
                    Answers.whole(exchange, 200, JSON, json(route, answer).getBytes(StandardCharsets.UTF_8));
                    return;
                }
            }
        }
    }

    /** The status is sent with the first answer, or when the service has taken the call, or when nothing is heard of it: an early error has its own. */
    private void stream(HttpExchange exchange, Route route, RpcCall call) throws IOException, InterruptedException {
        OutputStream lines = null;
        while (true) {
            RpcCall.Event event = call.next(lines == null ? bounds.begin() : bounds.heartbeat());
            if (event instanceof RpcCall.Ended(Status status, Metadata trailers)) {
                if (!status.isOk()) {
                    HttpProblem problem = HttpProblem.of(status, trailers);
                    if (lines == null) {
                        throw problem;
                    }
                    line(lines, problem.json());
                }
                (lines == null ? begin(exchange) : lines).close();
                return;
            }
            if (lines == null) {
                lines = begin(exchange);
            }
            switch (event) {
                case null -> lines.write('\n');
                case RpcCall.Answer(Message message) -> line(lines, json(route, message));
                case RpcCall.Opened() -> {}
                case RpcCall.Ended _ -> throw new AssertionError("handled above");
            }
            if (!call.hasMore()) {
                lines.flush();
            }
        }
    }

    private static OutputStream begin(HttpExchange exchange) throws IOException {
        Answers.begin(exchange, LINES);
        exchange.sendResponseHeaders(200, 0);
        return exchange.getResponseBody();
    }

    private static void line(OutputStream lines, String json) throws IOException {
        lines.write((json + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String json(Route route, Message answer) {
        try {
            return PRINTER.print(route.shown(answer));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an answer has no form in JSON", e);
        }
    }
}
