// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fiso.broker.metrics.Metrics;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/**
 * HTTP with JSON over gRPC services. {@code /health}, {@code /healthz}, {@code /openapi.json} and {@code /metrics} ask for no token, since what they
 * show is no secret (names of resources and how much is in them, at most); everything else does.
 *
 * <ol>
 *   <li>Every request is served on a virtual thread of its own, and every call goes through the channel, with the token that the request showed: whatever
 *       the services' interceptors refuse there is refused here.
 *   <li>An error is answered with its status and a body {@code {"error": {"code", "status", "message"}}}; one that comes after the first line of a stream
 *       is that stream's last line.
 *   <li>A request that does not arrive within its time loses its connection.
 *   <li>A request is refused before its body is read if its host, token, path, method or type of content is wrong.
 * </ol>
 */
public final class HttpFace implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HttpFace.class.getName());

    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;
    private final HttpBounds bounds;
    private final Predicate<String> authenticated;
    private final Metrics metrics;
    private final Transcoder transcoder;
    private final String openApi;
    private final Semaphore exchanges;
    private final Deadlines deadlines;

    private HttpFace(
            HttpServer server,
            List<ServerServiceDefinition> services,
            Channel channel,
            Predicate<String> authenticated,
            Metrics metrics,
            HttpBounds bounds) {
        this.server = server;
        this.bounds = bounds;
        this.authenticated = authenticated;
        this.metrics = metrics;
        Routes routes = Routes.of(services);
        this.transcoder = new Transcoder(routes, channel, bounds);
        this.openApi = OpenApi.document(services);
        this.exchanges = new Semaphore(bounds.exchangesMax());
        this.deadlines = new Deadlines(bounds.receive());
    }

    /**
     * Serves until it is closed.
     *
     * @param server bound, and not started
     * @param before sees every request first, and hears of its end
     * @param channel to the services
     * @param metrics what {@code /metrics} shows
     * @param authenticated whether somebody known shows this header {@code authorization}; the services find out themselves who it is
     * @throws IllegalArgumentException if the services' contracts cannot be served over HTTP
     */
    public static HttpFace serve(
            HttpServer server,
            Filter before,
            List<ServerServiceDefinition> services,
            Channel channel,
            Predicate<String> authenticated,
            Metrics metrics,
            HttpBounds bounds) {
        HttpFace face = new HttpFace(server, services, channel, authenticated, metrics, bounds);
        server.setExecutor(face.executor);
        server.createContext("/", face::handle).getFilters().add(before);
        server.start();
        return face;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) {
        try (exchange;
                Deadlines.Deadline deadline = deadlines.begin()) {
            if (!exchanges.tryAcquire()) {
                Answers.problem(
                        exchange,
                        HttpProblem.of(
                                503,
                                Status.Code.UNAVAILABLE,
                                "broker.http_busy",
                                bounds.exchangesMax() + " requests are being served, and no more are taken",
                                Map.of("Retry-After", "1")));
                return;
            }
            try {
                answer(exchange, deadline);
            } finally {
                exchanges.release();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "http: the client is gone", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(HttpExchange exchange, Deadlines.Deadline deadline) throws IOException, InterruptedException {
        try {
            serve(exchange, deadline);
        } catch (HttpProblem problem) {
            Answers.problem(exchange, problem);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "http: a request failed", e);
            Answers.problem(
                    exchange,
                    HttpProblem.of(500, Status.Code.INTERNAL, "broker.internal", "internal error; the log has more"));
        }
    }

    private void serve(HttpExchange exchange, Deadlines.Deadline deadline) throws IOException, InterruptedException {
        checkHost(exchange.getRequestHeaders());
        String path = path(exchange.getRequestURI());
        switch (path) {
            case "/health", "/healthz" -> open(exchange, "text/plain", "ok\n");
            case "/openapi.json" -> open(exchange, "application/json", openApi);
            case "/metrics" -> open(exchange, Metrics.CONTENT_TYPE, metrics.text());
            default -> {
                String shown = exchange.getRequestHeaders().getFirst("Authorization");
                if (shown == null || !authenticated.test(shown)) {
                    throw HttpProblem.of(
                            Status.UNAUTHENTICATED.withDescription(io.fiso.broker.service.Authentication.MESSAGE),
                            Answers.code(io.fiso.broker.service.Authentication.CODE));
                }
                transcoder.serve(exchange, path, shown, deadline);
            }
        }
    }

    private static void open(HttpExchange exchange, String type, String body) throws IOException {
        open(exchange, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void open(HttpExchange exchange, String type, byte[] body) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")) {
            throw Routes.notAllowed("GET");
        }
        Answers.whole(exchange, 200, type, body);
    }

    private void checkHost(Headers headers) {
        List<String> given = headers.get("Host");
        String host = given == null || given.size() != 1 ? "" : given.getFirst().toLowerCase(Locale.ROOT);
        int colon = host.indexOf(':', host.indexOf(']') + 1);
        if (!bounds.hosts().contains(colon < 0 ? host : host.substring(0, colon))) {
            throw HttpProblem.of(
                    421,
                    Status.Code.PERMISSION_DENIED,
                    "broker.host_refused",
                    "the header Host has to be the name of this machine's loopback address, such as localhost or 127.0.0.1");
        }
    }

    private String path(URI target) {
        // "//a/b" reads as host and path: no way to write a path here. Nor do proxies come by.
        if (target.isAbsolute() || target.getRawAuthority() != null || target.getRawFragment() != null) {
            throw HttpProblem.invalid(
                    "broker.path_invalid", "the request's target has to be a path that starts with one slash");
        }
        return target.getRawPath();
    }

    @Override
    public void close() {
        server.stop(Math.toIntExact(bounds.stop().plusNanos(999_999_999).toSeconds()));
        executor.shutdownNow();
        deadlines.close();
    }
}
