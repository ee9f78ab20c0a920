// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import io.fiso.broker.http.HttpBounds;
import io.fiso.broker.service.ResourceService;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A broker with {@link ResourceService} and {@link ProbeService}, whose callers have one token for each kind of grant. */
public final class ServedBroker implements AutoCloseable {
    public static final String OWNER = token("owner");
    public static final String READER = token("reader");
    public static final String WRITER = token("writer");
    public static final String ADMIN = token("admin");
    public static final String STRANGER = token("stranger");

    private static final Duration BEGIN = Duration.ofMillis(50);
    private static final Duration STOP = Duration.ofSeconds(1);

    private static final String ACCESS = """
            {"callers": [
              {"name": "owner", "token": "%s", "grants": [{"namespaces": "*/*", "permission": "admin"}]},
              {"name": "reader", "token": "%s", "grants": [{"namespaces": "default/shop", "permission": "read"}]},
              {"name": "writer", "token": "%s", "grants": [{"namespaces": "default/shop", "permission": "write"}]},
              {"name": "admin", "token": "%s", "grants": [{"namespaces": "default/sh*", "permission": "admin"}]},
              {"name": "stranger", "token": "%s", "grants": []}
            ]}""".formatted(OWNER, READER, WRITER, ADMIN, STRANGER);

    public final ProbeService probe = new ProbeService();
    public final BrokerServer server;
    /** What is done when the broker ends. */
    public volatile Runnable ending = () -> {};

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    public ServedBroker(Path directory) {
        this(directory, Duration.ofMillis(50), Duration.ofMillis(300));
    }

    /** One that serves one request at a time, with one body, and waits so long for it to arrive. */
    public static ServedBroker narrow(Path directory, Duration receive) {
        HttpBounds usual = HttpBounds.forMessages(BrokerSettings.MESSAGE_MAX_BYTES);
        return new ServedBroker(
                directory,
                new HttpBounds(
                        usual.bodyMaxBytes(),
                        usual.messageMaxBytes(),
                        1,
                        usual.bodyMaxBytes(),
                        usual.heartbeat(),
                        BEGIN,
                        receive,
                        STOP,
                        usual.hosts()),
                Duration.ofMillis(300));
    }

    /** One whose ends wait for what is being served. */
    static ServedBroker patient(Path directory) {
        Duration patience = Duration.ofSeconds(60);
        return new ServedBroker(directory, Duration.ofMillis(50), BEGIN, patience, patience);
    }

    /** One whose streams begin with a status only when the service has said how it is. */
    public static ServedBroker thatWaitsForTheStatus(Path directory) {
        return new ServedBroker(directory, Duration.ofMillis(50), Duration.ofSeconds(30), Duration.ofMillis(300), STOP);
    }

    ServedBroker(Path directory, Duration heartbeat, Duration drain) {
        this(directory, heartbeat, BEGIN, drain, STOP);
    }

    private ServedBroker(Path directory, Duration heartbeat, Duration begin, Duration drain, Duration stop) {
        HttpBounds usual = HttpBounds.forMessages(BrokerSettings.MESSAGE_MAX_BYTES);
        this(
                directory,
                new HttpBounds(
                        usual.bodyMaxBytes(),
                        usual.messageMaxBytes(),
                        usual.exchangesMax(),
                        usual.bodiesMaxBytes(),
                        heartbeat,
                        begin,
                        usual.receive(),
                        stop,
                        usual.hosts()),
                drain);
    }

    private ServedBroker(Path directory, HttpBounds bounds, Duration drain) {
        try {
            Path file = directory.resolve("access.json");
            Files.writeString(file, ACCESS);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server = BrokerServer.start(
                new BrokerSettings(directory, 0, 0, bounds, drain),
                () -> Instant.ofEpochSecond(1_000),
                (store, catalogue) -> new Services(
                        List.of(new ResourceService(store, catalogue, (_, _) -> {}), probe), () -> ending.run()));
    }

    private static String token(String name) {
        return (name + "-").repeat(8);
    }

    public HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + server.httpPort() + target))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + OWNER);
    }

    public HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    public HttpResponse<InputStream> open(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofInputStream());
    }

    public HttpResponse<String> get(String target) throws Exception {
        return send(request(target));
    }

    public HttpResponse<String> post(String target, String json) throws Exception {
        return send(request(target).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    /** What comes back for exactly these bytes, on a connection of its own. */
    public String raw(byte[] request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.httpPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request);
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        server.close();
    }
}
