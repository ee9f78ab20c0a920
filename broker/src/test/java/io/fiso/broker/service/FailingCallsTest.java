// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.alarm.ClockAlarms;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.keyvalue.KeyValues;
import io.fiso.broker.queue.Queues;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.PatientStore;
import io.fiso.broker.store.Store;
import io.fiso.broker.stream.Streams;
import io.fiso.proto.broker.v1.OpenSubscription;
import io.fiso.proto.broker.v1.ReserveJobsRequest;
import io.fiso.proto.broker.v1.ReserveJobsResponse;
import io.fiso.proto.broker.v1.SubscribeRequest;
import io.fiso.proto.broker.v1.SubscribeResponse;
import io.fiso.proto.broker.v1.WatchKeysRequest;
import io.fiso.proto.broker.v1.WatchKeysResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls that have a thread of their own are answered whatever happens on it. */
@Timeout(300)
class FailingCallsTest {
    private static final String ORDERS = "default/shop/streams/orders";
    private static final String MAILS = "default/shop/queues/mails";
    private static final String USERS = "default/shop/kv/users";

    @TempDir
    Path directory;

    private final Logger logs = Logger.getLogger(GrpcErrors.class.getName());
    private volatile boolean broken;
    private final InstantSource clock = () -> {
        if (broken) {
            throw new AssertionError("the clock is broken");
        }
        return Instant.ofEpochSecond(1_000);
    };
    private Store store;
    private ClockAlarms alarms;
    private Catalogue catalogue;

    @BeforeEach
    void open() {
        logs.setLevel(Level.OFF);
        store = PatientStore.open(directory);
        alarms = new ClockAlarms(clock);
        catalogue = new Catalogue(store, clock);
        for (String name : new String[] {ORDERS, MAILS, USERS}) {
            ResourceName parsed = ResourceName.parse(name);
            catalogue.create(parsed, Durability.OS, Settings.of(parsed.kind()));
        }
    }

    @AfterEach
    void close() {
        alarms.close();
        store.close();
        logs.setLevel(null);
    }

    @Test
    void aReserveThatMeetsAnErrorIsAnswered() throws Exception {
        try (Queues queues = new Queues(store, catalogue, alarms, clock)) {
            Answers<ReserveJobsResponse> answers = new Answers<>(false, true);
            broken = true;
            new QueueService(queues, clock)
                    .reserveJobs(ReserveJobsRequest.newBuilder().setQueue(MAILS).build(), answers);
            assertThat(answers.code()).isEqualTo(Status.Code.INTERNAL);
        } finally {
            broken = false;
        }
    }

    @Test
    void aWatchThatMeetsAnErrorIsAnswered() throws Exception {
        try (KeyValues keyValues = new KeyValues(store, catalogue, alarms, clock)) {
            Answers<WatchKeysResponse> answers = new Answers<>(true, true);
            new KeyValueService(keyValues)
                    .watchKeys(WatchKeysRequest.newBuilder().setStore(USERS).build(), answers);
            assertThat(answers.code()).isEqualTo(Status.Code.INTERNAL);
        }
    }

    @Test
    void aSubscriptionThatMeetsAnErrorIsAnswered() throws Exception {
        try (Streams streams = new Streams(store, catalogue, clock)) {
            Answers<SubscribeResponse> answers = new Answers<>(true, true);
            new StreamService(streams)
                    .subscribe(answers)
                    .onNext(SubscribeRequest.newBuilder()
                            .setOpen(OpenSubscription.newBuilder().setStream(ORDERS))
                            .build());
            assertThat(answers.code()).isEqualTo(Status.Code.INTERNAL);
        }
    }

    @Test
    void aWatcherThatDoesNotReadHearsOfTheEnd() throws Exception {
        Answers<WatchKeysResponse> answers = new Answers<>(false, false);
        try (KeyValues keyValues = new KeyValues(store, catalogue, alarms, clock)) {
            new KeyValueService(keyValues)
                    .watchKeys(WatchKeysRequest.newBuilder().setStore(USERS).build(), answers);
            // From then on its thread waits until the caller reads, which he does not.
            assertThat(answers.asked.await(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(answers.code()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    /** A caller. */
    private static final class Answers<A> extends ServerCallStreamObserver<A> {
        private final boolean failing;
        private final boolean ready;
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CompletableFuture<Throwable> error = new CompletableFuture<>();

        Answers(boolean failing, boolean ready) {
            this.failing = failing;
            this.ready = ready;
        }

        Status.Code code() throws Exception {
            return Status.fromThrowable(error.get(60, TimeUnit.SECONDS)).getCode();
        }

        @Override
        public void onNext(A answer) {
            if (failing) {
                throw new AssertionError("it cannot be sent");
            }
        }

        @Override
        public void onError(Throwable cause) {
            error.complete(cause);
        }

        @Override
        public void onCompleted() {
            error.complete(new AssertionError("it ended well"));
        }

        @Override
        public boolean isReady() {
            asked.countDown();
            return ready;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}
    }
}
