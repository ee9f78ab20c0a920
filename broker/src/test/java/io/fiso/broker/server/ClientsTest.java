// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ClientsTest {
    @TempDir
    Path directory;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.ofEpochSecond(1_000));
    private BrokerServer broker;

    @BeforeEach
    void serve() {
        broker = BrokerServer.start(BrokerSettings.of(directory, 0, 0), now::get, new Primitives(now::get));
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void aBrokerIsIdleFromItsStartOn() {
        pass(Duration.ofSeconds(7));

        assertThat(broker.idle()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void aConnectionKeepsItBusyAndItsEndBeginsTheTimeAnew() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", broker.grpcPort())
                .usePlaintext()
                .build();
        try {
            HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
            pass(Duration.ofSeconds(7));

            assertThat(broker.idle()).isZero();
        } finally {
            channel.shutdownNow().awaitTermination(60, TimeUnit.SECONDS);
        }
        until(() -> {
            pass(Duration.ofSeconds(1));
            return !broker.idle().isZero();
        });
        assertThat(broker.idle()).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void whoConnectsAndSaysNothingThatIsGrpcIsNobody() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", broker.grpcPort())) {
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        }
        pass(Duration.ofSeconds(7));

        assertThat(broker.idle()).isEqualTo(Duration.ofSeconds(7));
        aConnectionKeepsItBusyAndItsEndBeginsTheTimeAnew();
    }

    @Test
    void aRequestOverHttpBeginsTheTimeAnew() throws Exception {
        pass(Duration.ofSeconds(7));
        try (HttpClient client = HttpClient.newHttpClient()) {
            client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + broker.httpPort() + "/health"))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        }
        until(() -> broker.idle().isZero());
        pass(Duration.ofSeconds(1));

        assertThat(broker.idle()).isEqualTo(Duration.ofSeconds(1));
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline)
                    .as("nanoseconds past the deadline")
                    .isNegative();
            Thread.sleep(5);
        }
    }
}
