// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DynamicMessage;
import io.fiso.broker.BrokerException;
import io.fiso.broker.service.GrpcErrors;
import io.fiso.broker.service.ResourceService;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.DeleteResourceRequest;
import io.fiso.proto.broker.v1.GetResourceRequest;
import io.fiso.proto.broker.v1.ListResourcesRequest;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.ResourcesGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.ServerSocket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(300)
class BrokerServerTest {
    private static final String SHOP = "default/shop/streams/orders";

    @TempDir
    Path directory;

    private ServedBroker broker;
    private ManagedChannel channel;

    @BeforeEach
    void serve() {
        broker = new ServedBroker(directory);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", broker.server.grpcPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void close() {
        channel.shutdownNow();
        broker.close();
    }

    @ParameterizedTest
    @CsvSource({
        // who, what, where, gRPC, HTTP
        "none,     get,    default/shop,  UNAUTHENTICATED,   401",
        "wrong,    get,    default/shop,  UNAUTHENTICATED,   401",
        "wrong,    list,   default/shop,  UNAUTHENTICATED,   401",
        "stranger, get,    default/shop,  PERMISSION_DENIED, 403",
        "stranger, list,   default/shop,  OK,                200",
        "reader,   get,    default/shop,  NOT_FOUND,         404",
        "reader,   get,    default/shop2, PERMISSION_DENIED, 403",
        "reader,   get,    other/shop,    PERMISSION_DENIED, 403",
        "reader,   create, default/shop,  PERMISSION_DENIED, 403",
        "reader,   delete, default/shop,  PERMISSION_DENIED, 403",
        "writer,   get,    default/shop,  NOT_FOUND,         404",
        "writer,   create, default/shop,  PERMISSION_DENIED, 403",
        "admin,    create, default/shop,  OK,                200",
        "admin,    create, default/shed,  OK,                200",
        "admin,    create, default/other, PERMISSION_DENIED, 403",
        "admin,    delete, default/shop,  NOT_FOUND,         404",
        "owner,    create, any/where,     OK,                200",
    })
    void whoMayDoWhatIsTheSameOnBothSurfaces(String who, String what, String where, Status.Code grpc, int http)
            throws Exception {
        String name = where + "/streams/orders";
        Metadata seen = new Metadata();
        assertThat(grpcCode(who, what, name, seen)).isEqualTo(grpc);
        HttpResponse<String> answer = http(who, what, name);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(http);
        if (http == 401) {
            assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer");
            assertThat(answer.body()).contains("broker.unauthenticated");
            assertThat(seen.get(GrpcErrors.CODE)).isEqualTo("broker.unauthenticated");
        }
        if (http == 403) {
            assertThat(answer.body()).contains("broker.not_permitted");
            assertThat(seen.get(GrpcErrors.CODE)).isEqualTo("broker.not_permitted");
        }
    }

    @Test
    void aListHasOnlyWhatTheCallerMaySee() throws Exception {
        for (String name : List.of(SHOP, "default/shop2/queues/a", "other/shop/kv/b")) {
            assertThat(http("owner", "create", name).statusCode()).isEqualTo(200);
        }
        assertThat(listed("owner")).isEqualTo(3);
        assertThat(listed("reader")).isEqualTo(1);
        assertThat(listed("admin")).isEqualTo(2);
        assertThat(listed("stranger")).isZero();
        assertThat(http("reader", "list", SHOP).body()).contains(SHOP).doesNotContain("shop2", "other");
    }

    @Test
    void readingIsByConventionWhatHttpGetsAndAnythingElseIsWriting() throws Exception {
        assertThat(broker.send(as("reader", "/v1/probe/" + SHOP)).statusCode()).isEqualTo(200);
        assertThat(broker.send(as("reader", "/v1/probe/" + SHOP + ":append").POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(403);
        assertThat(broker.send(as("writer", "/v1/probe/" + SHOP + ":append").POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(200);
        // Its contract asks for more.
        assertThat(broker.send(as("writer", "/v1/probe/" + SHOP + "/inner").method("PATCH", BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void everyMessageOfAStreamIsChecked() throws Exception {
        CompletableFuture<Status> ended = new CompletableFuture<>();
        StreamObserver<DynamicMessage> requests = ClientCalls.asyncBidiStreamingCall(
                channel.newCall(broker.probe.method("Chat"), CallOptions.DEFAULT.withWaitForReady()),
                new StreamObserver<>() {
                    @Override
                    public void onNext(DynamicMessage message) {}

                    @Override
                    public void onError(Throwable error) {
                        ended.complete(Status.fromThrowable(error));
                    }

                    @Override
                    public void onCompleted() {
                        ended.complete(Status.OK);
                    }
                });
        requests.onNext(broker.probe.echo(SHOP));
        assertThat(ended.get(120, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);

        CompletableFuture<Status> refused = new CompletableFuture<>();
        StreamObserver<DynamicMessage> more = ClientCalls.asyncBidiStreamingCall(
                io.grpc.ClientInterceptors.intercept(channel, token("writer"))
                        .newCall(broker.probe.method("Chat"), CallOptions.DEFAULT),
                new StreamObserver<>() {
                    @Override
                    public void onNext(DynamicMessage message) {}

                    @Override
                    public void onError(Throwable error) {
                        refused.complete(Status.fromThrowable(error));
                    }

                    @Override
                    public void onCompleted() {
                        refused.complete(Status.OK);
                    }
                });
        more.onNext(broker.probe.echo(SHOP));
        assertThat(broker.probe.heard.poll(30, TimeUnit.SECONDS)).isNotNull();
        more.onNext(broker.probe.echo(""));
        assertThat(broker.probe.heard.poll(30, TimeUnit.SECONDS)).isNotNull();
        more.onNext(broker.probe.echo("other/shop/streams/orders"));
        assertThat(refused.get(120, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(broker.probe.heard).isEmpty();
        ServerCallStreamObserver<DynamicMessage> stream = broker.probe.streams.poll(30, TimeUnit.SECONDS);
        assertThat(stream.isCancelled()).isTrue();
        // What a service still says goes nowhere, and hurts nobody.
        stream.onNext(broker.probe.echo(SHOP));
        stream.onCompleted();
    }

    @Test
    void theFirstMessageOfAStreamNamesAResource() {
        assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
                        io.grpc.ClientInterceptors.intercept(channel, token("owner")),
                        broker.probe.method("Get"),
                        CallOptions.DEFAULT,
                        broker.probe.echo("")))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getTrailers().get(GrpcErrors.CODE)).isEqualTo("broker.name_invalid"));
    }

    @Test
    void healthAsksForNoTokenOverGrpc() {
        assertThat(HealthGrpc.newBlockingStub(channel)
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void aMessageOverTheBoundIsRefusedOverGrpc() {
        assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
                        io.grpc.ClientInterceptors.intercept(channel, token("owner")),
                        broker.probe.method("Get"),
                        CallOptions.DEFAULT,
                        broker.probe.echo("x".repeat(BrokerSettings.GRPC_MESSAGE_MAX_BYTES + 1))))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    }

    @Test
    void anEndCancelsTheStreamsThatWouldNotEndAndLeavesTheStoreToTheNext() throws Exception {
        HttpResponse<?> open = broker.open(broker.request("/v1/probe/" + SHOP + ":watch"));
        assertThat(open.statusCode()).isEqualTo(200);
        ServerCallStreamObserver<DynamicMessage> stream = broker.probe.streams.poll(30, TimeUnit.SECONDS);
        assertThat(http("owner", "create", SHOP).statusCode()).isEqualTo(200);

        broker.server.close();
        broker.server.close();

        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!stream.isCancelled()) {
            assertThat(System.nanoTime()).as("the stream is not cancelled").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(5);
        }
        try (ServedBroker next = new ServedBroker(directory)) {
            assertThat(next.get("/v1/resources/" + SHOP).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whatEndsByItselfWhenTheBrokerEndsEndsWell(@TempDir Path other) throws Exception {
        try (ServedBroker patient = ServedBroker.patient(other)) {
            HttpResponse<java.io.InputStream> open = patient.open(patient.request("/v1/probe/" + SHOP + ":watch"));
            ServerCallStreamObserver<DynamicMessage> stream = patient.probe.streams.poll(30, TimeUnit.SECONDS);
            patient.ending = () -> {
                stream.onNext(patient.probe.echo("last"));
                stream.onCompleted();
            };

            patient.server.close();

            assertThat(new String(open.body().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                    .contains("\"last\"")
                    .doesNotContain("error");
        }
    }

    @Test
    void aStartThatFailsLeavesNothingOpen(@TempDir Path other) throws Exception {
        AtomicInteger ended = new AtomicInteger();
        Services.Opening opening = (store, catalogue) ->
                new Services(List.of(new ResourceService(store, catalogue, (_, _) -> {})), ended::incrementAndGet);
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.ofLiteral("127.0.0.1"))) {
            BrokerSettings settings = BrokerSettings.of(other, taken.getLocalPort(), 0);
            assertThatThrownBy(() -> BrokerServer.start(settings, () -> Instant.EPOCH, opening))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.code()).isEqualTo("broker.port_taken"));
        }
        assertThat(ended).hasValue(1);
        try (BrokerServer next = BrokerServer.start(BrokerSettings.of(other, 0, 0), () -> Instant.EPOCH, opening)) {
            assertThat(next.ownToken()).hasSize(64);
            assertThat(Files.getPosixFilePermissions(other.resolve("access.json")))
                    .hasSize(2);
        }
        assertThat(ended).hasValue(2);
    }

    @Test
    void aServiceThatCannotBeHeldAgainstGrantsIsNotServed(@TempDir Path other) {
        assertThatThrownBy(() -> BrokerServer.start(
                        BrokerSettings.of(other, 0, 0),
                        () -> Instant.EPOCH,
                        (_, _) -> new Services(List.of(new HealthGrpc.HealthImplBase() {}), () -> {})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("names no resource");
    }

    private int listed(String who) {
        return ResourcesGrpc.newBlockingStub(channel)
                .withInterceptors(token(who))
                .listResources(ListResourcesRequest.getDefaultInstance())
                .getResourcesCount();
    }

    private Status.Code grpcCode(String who, String what, String name, Metadata trailers) {
        ResourcesGrpc.ResourcesBlockingStub stub = ResourcesGrpc.newBlockingStub(channel)
                .withDeadlineAfter(Duration.ofSeconds(120))
                .withInterceptors(token(who));
        try {
            switch (what) {
                case "get" ->
                    stub.getResource(
                            GetResourceRequest.newBuilder().setName(name).build());
                case "list" -> stub.listResources(ListResourcesRequest.getDefaultInstance());
                case "create" ->
                    stub.createResource(CreateResourceRequest.newBuilder()
                            .setResource(Resource.newBuilder().setName(name))
                            .build());
                default ->
                    stub.deleteResource(
                            DeleteResourceRequest.newBuilder().setName(name).build());
            }
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            trailers.merge(e.getTrailers());
            return e.getStatus().getCode();
        }
    }

    private HttpResponse<String> http(String who, String what, String name) throws Exception {
        return switch (what) {
            case "get" -> broker.send(as(who, "/v1/resources/" + name));
            case "list" -> broker.send(as(who, "/v1/resources"));
            case "create" ->
                broker.send(as(who, "/v1/resources")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"resource\": {\"name\": \"" + name + "\"}}")));
            default -> broker.send(as(who, "/v1/resources/" + name).DELETE());
        };
    }

    private java.net.http.HttpRequest.Builder as(String who, String target) {
        java.net.http.HttpRequest.Builder request = broker.request(target);
        return who.equals("none")
                ? request.setHeader("Authorization", "Basic eDp5")
                : request.setHeader("Authorization", "Bearer " + (who + "-").repeat(8));
    }

    private static ClientInterceptor token(String who) {
        Metadata headers = new Metadata();
        if (!who.equals("none")) {
            headers.put(
                    Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                    "Bearer " + (who + "-").repeat(8));
        }
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }
}
