// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DynamicMessage;
import io.fiso.broker.server.ServedBroker;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class StreamingTest {
    private static final String NAME = "default/shop/streams/orders";
    private static final String WATCH = "/v1/probe/" + NAME + ":watch";

    @TempDir
    Path directory;

    private ServedBroker broker;

    @BeforeEach
    void serve() {
        broker = new ServedBroker(directory);
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void eachAnswerIsALineThatComesAtOnce() throws Exception {
        HttpResponse<InputStream> answer = broker.open(broker.request(WATCH));
        ServerCallStreamObserver<DynamicMessage> stream = begun();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/x-ndjson");
        try (BufferedReader lines = reader(answer.body())) {
            for (int i = 0; i < 3; i++) {
                stream.onNext(broker.probe.echo("n" + i));
                // The next is sent only when this one has come.
                assertThat(nextLine(lines)).contains("\"name\":\"n" + i + "\"");
            }
            stream.onCompleted();
            assertThat(nextLine(lines)).isNull();
        }
    }

    @Test
    void silenceIsFilledWithEmptyLines() throws Exception {
        HttpResponse<InputStream> answer = broker.open(broker.request(WATCH));
        ServerCallStreamObserver<DynamicMessage> stream = begun();
        try (BufferedReader lines = reader(answer.body())) {
            assertThat(lines.readLine()).isEmpty();
            assertThat(lines.readLine()).isEmpty();
            stream.onCompleted();
        }
    }

    @Test
    void aClientThatIsGoneEndsTheCall() throws Exception {
        ServerCallStreamObserver<DynamicMessage> stream;
        try (Socket socket = new Socket("127.0.0.1", broker.server.httpPort())) {
            socket.getOutputStream()
                    .write(("GET " + WATCH + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                                    + ServedBroker.OWNER + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            stream = begun();
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            assertThat(stream.isCancelled()).isFalse();
        }
        await("the call is cancelled", stream::isCancelled);
    }

    @Test
    void aClientThatDoesNotReadHoldsItsStreamBackAndNoOther() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", broker.server.httpPort())) {
            socket.getOutputStream()
                    .write(("GET " + WATCH + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                                    + ServedBroker.OWNER + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            ServerCallStreamObserver<DynamicMessage> stream = begun();
            DynamicMessage large = broker.probe.echo("x".repeat(1024 * 1024));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            int sent = 0;
            while (stream.isReady() && sent < 1_000) {
                assertThat(System.nanoTime())
                        .as("after %s messages the stream is not held back", sent)
                        .isLessThan(deadline);
                stream.onNext(large);
                sent++;
                // Whether it is ready again is decided by another thread.
                for (int i = 0; i < 50 && !stream.isReady(); i++) {
                    TimeUnit.MILLISECONDS.sleep(2);
                }
            }
            assertThat(sent).isLessThan(1_000);
            assertThat(broker.get("/v1/resources").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anErrorBeforeTheFirstAnswerHasItsStatus(@TempDir Path other) throws Exception {
        try (ServedBroker waiting = ServedBroker.thatWaitsForTheStatus(other)) {
            HttpResponse<String> answer = waiting.get("/v1/probe/a/b/nothing/d:watch");
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("broker.kind_unknown");
            assertThat(waiting.probe.streams).isEmpty();
        }
    }

    @Test
    void anErrorAfterTheFirstAnswerIsTheLastLine() throws Exception {
        HttpResponse<InputStream> answer = broker.open(broker.request(WATCH));
        ServerCallStreamObserver<DynamicMessage> stream = begun();
        stream.onNext(broker.probe.echo("n"));
        Metadata trailers = new Metadata();
        trailers.put(io.fiso.broker.service.GrpcErrors.CODE, "broker.test_gone");
        stream.onError(
                Status.OUT_OF_RANGE.withDescription("past \u202e the end").asRuntimeException(trailers));
        List<String> all = new ArrayList<>();
        try (BufferedReader lines = reader(answer.body())) {
            String line = nextLine(lines);
            while (line != null) {
                all.add(line);
                line = nextLine(lines);
            }
        }
        assertThat(all).hasSize(2);
        assertThat(all.getLast())
                .isEqualTo(
                        "{\"error\":{\"code\":\"broker.test_gone\",\"status\":\"OUT_OF_RANGE\",\"message\":\"past \\\\u202e the end\"}}");
    }

    private ServerCallStreamObserver<DynamicMessage> begun() throws InterruptedException {
        ServerCallStreamObserver<DynamicMessage> stream = broker.probe.streams.poll(30, TimeUnit.SECONDS);
        assertThat(stream).as("the service got the call").isNotNull();
        return stream;
    }

    private static BufferedReader reader(InputStream body) {
        return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    /** The next that is not empty; null at the end. */
    private static String nextLine(BufferedReader lines) throws Exception {
        String line = lines.readLine();
        while (line != null && line.isEmpty()) {
            line = lines.readLine();
        }
        return line;
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
