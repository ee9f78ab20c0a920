// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.fiso.broker.alarm.ClockAlarms;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.keyvalue.KeyValues;
import io.fiso.broker.store.PatientStore;
import io.fiso.broker.store.Store;
import io.fiso.proto.broker.v1.ChangeKeysRequest;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.DeleteKeyRequest;
import io.fiso.proto.broker.v1.DeleteResourceRequest;
import io.fiso.proto.broker.v1.GetKeyRequest;
import io.fiso.proto.broker.v1.KeyChange;
import io.fiso.proto.broker.v1.KeyChangeKind;
import io.fiso.proto.broker.v1.KeyCondition;
import io.fiso.proto.broker.v1.KeyEntry;
import io.fiso.proto.broker.v1.KeyOperation;
import io.fiso.proto.broker.v1.KeyValueGrpc;
import io.fiso.proto.broker.v1.PutKeyRequest;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.ResourcesGrpc;
import io.fiso.proto.broker.v1.ScanKeysRequest;
import io.fiso.proto.broker.v1.ScanKeysResponse;
import io.fiso.proto.broker.v1.WatchKeysRequest;
import io.fiso.proto.broker.v1.WatchKeysResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Through a real connection. */
@Timeout(300)
class KeyValueServiceTest {
    private static final String USERS = "default/shop/kv/users";
    private static final int MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

    @TempDir
    Path directory;

    private Store store;
    private ClockAlarms alarms;
    private KeyValues keyValues;
    private Server server;
    private ManagedChannel channel;
    private KeyValueGrpc.KeyValueBlockingStub stub;

    @BeforeEach
    void start() throws Exception {
        InstantSource clock = InstantSource.system();
        store = PatientStore.open(directory);
        Catalogue catalogue = new Catalogue(store, clock);
        alarms = new ClockAlarms(clock);
        keyValues = new KeyValues(store, catalogue, alarms, clock);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .addService(new ResourceService(store, catalogue, keyValues::removeIn))
                .addService(new KeyValueService(keyValues))
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
                .usePlaintext()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .build();
        stub = KeyValueGrpc.newBlockingStub(channel);
        ResourcesGrpc.newBlockingStub(channel)
                .createResource(CreateResourceRequest.newBuilder()
                        .setResource(Resource.newBuilder().setName(USERS))
                        .build());
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        keyValues.close();
        server.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
        alarms.close();
        store.close();
    }

    @Test
    void aKeyGoesFromPutToDelete() {
        long first =
                put(request("a", "1").setCondition(KeyCondition.newBuilder().setAbsent(true)));
        long second =
                put(request("a", "2").setCondition(KeyCondition.newBuilder().setRevision(first)));

        KeyEntry found = get("a");

        assertThat(found.getValue()).isEqualTo(bytes("2"));
        assertThat(found.getRevision()).isEqualTo(second).isGreaterThan(first);
        assertThat(found.hasExpireTime()).isFalse();
        put(request("a/b", "3").setTtl(Duration.newBuilder().setSeconds(1_000)));
        assertThat(get("a/b").hasExpireTime()).isTrue();
        ScanKeysResponse page = stub.scanKeys(ScanKeysRequest.newBuilder()
                .setStore(USERS)
                .setPrefix("a")
                .setPageSize(1)
                .build());
        assertThat(page.getEntries(0).getKey()).isEqualTo("a");
        assertThat(stub.scanKeys(ScanKeysRequest.newBuilder()
                                .setStore(USERS)
                                .setPrefix("a")
                                .setPageToken(page.getNextPageToken())
                                .build())
                        .getEntriesList())
                .extracting(KeyEntry::getKey)
                .containsExactly("a/b");
        DeleteKeyRequest delete =
                DeleteKeyRequest.newBuilder().setStore(USERS).setKey("a").build();
        assertThat(stub.deleteKey(delete).getDeleted()).isTrue();
        assertThat(stub.deleteKey(delete).getDeleted()).isFalse();
        assertThat(stub.changeKeys(ChangeKeysRequest.newBuilder()
                                .setStore(USERS)
                                .addOperations(KeyOperation.newBuilder().setPut(request("a", "4")))
                                .addOperations(KeyOperation.newBuilder()
                                        .setDelete(DeleteKeyRequest.newBuilder().setKey("a/b")))
                                .build())
                        .getRevisionsCount())
                .isEqualTo(2);
    }

    @Test
    void aWatchIsToldWhatChangesThoughNobodyAsks() {
        long before = put(request("a", "0"));
        Context.CancellableContext context = Context.current().withCancellation();
        List<String> seen = new ArrayList<>();
        context.run(() -> {
            Iterator<WatchKeysResponse> watch = stub.watchKeys(
                    WatchKeysRequest.newBuilder().setStore(USERS).setPrefix("a").build());
            WatchKeysResponse begun = watch.next();
            assertThat(begun.getChangesCount()).isZero();
            assertThat(begun.getRevision()).isEqualTo(before);
            put(request("a", "1").setTtl(Duration.newBuilder().setNanos(100_000_000)));
            put(request("b", "2"));
            put(request("ab", "3"));
            while (seen.size() < 3) {
                for (KeyChange change : watch.next().getChangesList()) {
                    seen.add(change.getKind() + " " + change.getEntry().getKey() + " "
                            + change.getEntry().getValue().toStringUtf8());
                }
            }
        });
        context.cancel(null);
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        KeyChangeKind.KEY_CHANGE_KIND_PUT + " a 1",
                        KeyChangeKind.KEY_CHANGE_KIND_PUT + " ab 3",
                        KeyChangeKind.KEY_CHANGE_KIND_EXPIRE + " a ");
        awaitNoWatch();
    }

    private void awaitNoWatch() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (keyValues.watching() > 0) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void aWatcherThatDoesNotReadIsToldThatItIsTooSlow() {
        Context.CancellableContext context = Context.current().withCancellation();
        context.run(() -> {
            Iterator<WatchKeysResponse> watch =
                    stub.watchKeys(WatchKeysRequest.newBuilder().setStore(USERS).build());
            watch.next();
            ByteString value = ByteString.copyFrom(new byte[2 * 1024 * 1024]);
            // Sixty-four mebibytes are known; what is on its way to the watcher is a few.
            for (int i = 0; i < 60; i++) {
                put(request("a", "").setValue(value));
            }
            assertError(Status.Code.OUT_OF_RANGE, "broker.revision_gone", () -> {
                long last = 0;
                while (true) {
                    for (KeyChange change : watch.next().getChangesList()) {
                        long revision = change.getEntry().getRevision();
                        assertThat(last == 0 || revision == last + 1)
                                .as("none left out")
                                .isTrue();
                        last = revision;
                    }
                }
            });
        });
        context.cancel(null);
    }

    @Test
    void answersBadInputWithCodes() {
        long first = put(request("a", "1"));
        assertError(Status.Code.NOT_FOUND, "broker.key_not_found", () -> get("none"));
        assertError(Status.Code.INVALID_ARGUMENT, "broker.key_invalid", () -> get(""));
        assertError(Status.Code.INVALID_ARGUMENT, "broker.key_invalid", () -> get("x".repeat(1_025)));
        assertError(
                Status.Code.NOT_FOUND,
                "broker.resource_not_found",
                () -> put(request("a", "1").setStore("default/shop/kv/none")));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.kind_wrong",
                () -> put(request("a", "1").setStore("default/shop/queues/users")));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.payload_too_large",
                () -> put(request("a", "").setValue(ByteString.copyFrom(new byte[4 * 1024 * 1024 + 1]))));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.ttl_invalid",
                () -> put(request("a", "1").setTtl(Duration.newBuilder().setSeconds(-1))));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.flag_invalid",
                () -> put(request("a", "1").setForever(false)));
        assertError(
                Status.Code.INVALID_ARGUMENT,
                "broker.operation_invalid",
                () -> stub.changeKeys(ChangeKeysRequest.newBuilder()
                        .setStore(USERS)
                        .addOperations(KeyOperation.getDefaultInstance())
                        .build()));
        assertError(
                Status.Code.FAILED_PRECONDITION,
                "broker.revision_conflict",
                () -> put(
                        request("a", "2").setCondition(KeyCondition.newBuilder().setRevision(first + 1))));
        assertError(
                Status.Code.OUT_OF_RANGE,
                "broker.revision_unknown",
                () -> stub.watchKeys(WatchKeysRequest.newBuilder()
                                .setStore(USERS)
                                .setFromRevision(99)
                                .build())
                        .next());
        assertThat(get("a").getValue()).isEqualTo(bytes("1"));
        ResourcesGrpc.newBlockingStub(channel)
                .deleteResource(
                        DeleteResourceRequest.newBuilder().setName(USERS).build());
        assertError(Status.Code.NOT_FOUND, "broker.resource_not_found", () -> get("a"));
    }

    private static void assertError(Status.Code status, String code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(status);
            assertThat(e.getTrailers().get(GrpcErrors.CODE)).isEqualTo(code);
        });
    }

    private KeyEntry get(String key) {
        return stub.getKey(
                        GetKeyRequest.newBuilder().setStore(USERS).setKey(key).build())
                .getEntry();
    }

    private long put(PutKeyRequest.Builder request) {
        return stub.putKey(request.build()).getRevision();
    }

    private static PutKeyRequest.Builder request(String key, String value) {
        return PutKeyRequest.newBuilder().setStore(USERS).setKey(key).setValue(bytes(value));
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
