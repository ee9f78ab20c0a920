// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.fiso.proto.control.v1.FindBrokerRequest;
import io.fiso.proto.control.v1.FindBrokerResponse;
import io.fiso.proto.control.v1.HeartbeatRequest;
import io.fiso.proto.control.v1.HeartbeatResponse;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import io.fiso.proto.control.v1.RegisterComponentResponse;
import io.fiso.proto.control.v1.WatchWiringRequest;
import io.fiso.proto.control.v1.WatchWiringResponse;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a component does when its control plane goes, comes back elsewhere, or does not come back (guarantee D11); and what it is told of brokers. */
@Timeout(300)
class ControlPlaneLinkTest {
    private static final long PATIENCE_SECONDS = 30;

    @TempDir
    Path directory;

    private final Network network = new Network("token", null);
    private final Recorded told = new Recorded();
    private final List<Registry> registries = new CopyOnWriteArrayList<>();
    private Registry first;
    private ControlPlaneLink link;

    @BeforeEach
    void registerAtTheFirstControlPlane() throws Exception {
        first = new Registry(Duration.ofMinutes(5));
        link = start(first);
        assertThat(first.next()).isEqualTo("register previous=0");
        assertThat(told.isGranted()).isTrue();
    }

    @AfterEach
    void close() {
        link.close();
        registries.forEach(Registry::close);
        network.close();
    }

    @Test
    void followsTheControlPlaneToItsNewPortAndIsKnownThere() throws Exception {
        first.close();
        Registry second = new Registry(Duration.ofMinutes(5));
        writeControlFile(second.port(), "run-1");

        assertThat(second.next()).isEqualTo("heartbeat generation=7");
        assertThat(told.events).isEmpty();
    }

    @Test
    void registersAgainWithWhatItHeldWhereItIsNotKnown() throws Exception {
        first.close();
        Registry second = new Registry(Duration.ofMinutes(5));
        second.refusal = Status.NOT_FOUND;
        writeControlFile(second.port(), "run-1");

        assertThat(second.next()).isEqualTo("heartbeat generation=7");
        assertThat(second.next()).isEqualTo("register previous=7");
    }

    @Test
    void aStrangerAtTheOldPortIsNotTheEnd() throws Exception {
        first.refusal = Status.UNAUTHENTICATED;
        assertThat(first.next()).isEqualTo("heartbeat generation=7");
        assertThat(first.next()).as("it asks again").isEqualTo("heartbeat generation=7");
        Registry second = new Registry(Duration.ofMinutes(5));
        writeControlFile(second.port(), "run-1");

        assertThat(second.next()).isEqualTo("heartbeat generation=7");
        assertThat(told.events).isEmpty();
    }

    @Test
    void leavesWhenAnotherRunHasTakenItsPlace() throws Exception {
        writeControlFile(first.port(), "run-2");
        first.refusal = Status.UNAUTHENTICATED;

        assertThat(told.events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).contains("refused", "run-2");
    }

    @Test
    void isAnOrphanWhenNobodyAnswersForTheGrace() throws Exception {
        link.close();
        Registry brief = new Registry(Duration.ofMillis(300));
        link = start(brief);
        assertThat(brief.next()).isEqualTo("register previous=0");
        assertThat(told.isGranted()).isTrue();
        brief.close();

        assertThat(told.events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("orphaned after PT0.3S");
    }

    @Test
    void whoAsksForABrokerWaitsForTheControlPlaneThatIsAway() throws Exception {
        first.close();
        FutureTask<BrokerAddress> answer = askForBroker();
        Registry second = new Registry(Duration.ofMinutes(5));
        writeControlFile(second.port(), "run-1");

        BrokerAddress found = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(found).isEqualTo(new BrokerAddress("127.0.0.1", second.port(), "of generation 7"));
    }

    @Test
    void whoAsksForABrokerWaitsWhileItsOwnRegistrationIsNotKnown() throws Exception {
        first.brokerRefusals.add(Status.NOT_FOUND.asRuntimeException());
        first.brokerRefusals.add(Status.UNAUTHENTICATED.asRuntimeException());

        assertThat(askForBroker().get(PATIENCE_SECONDS, TimeUnit.SECONDS).port())
                .isEqualTo(first.port());
    }

    @Test
    void aRunWithoutABrokerIsToldWhatToDo() {
        first.brokerRefusals.add(Status.FAILED_PRECONDITION
                .withDescription("this run has no broker; give the component the address of one")
                .asRuntimeException());

        assertThatThrownBy(link::broker)
                .isInstanceOf(IOException.class)
                .hasMessage("this run has no broker; give the component the address of one");
    }

    @Test
    void aBrokerThatCouldNotBeStartedIsNotWaitedFor() {
        Metadata code = new Metadata();
        code.put(Metadata.Key.of("fiso-error-code", Metadata.ASCII_STRING_MARSHALLER), "broker.not_started");
        first.brokerRefusals.add(Status.UNAVAILABLE
                .withDescription("the disk is full; make room")
                .asRuntimeException(code));

        assertThatThrownBy(link::broker).isInstanceOf(IOException.class).hasMessage("the disk is full; make room");
    }

    @Test
    void anInterruptEndsTheWaitForABroker() throws Exception {
        first.silentAboutBrokers = true;
        FutureTask<BrokerAddress> answer = new FutureTask<>(link::broker);
        Thread asking = Thread.ofVirtual().start(answer);
        assertThat(first.next()).isEqualTo("find broker");

        asking.interrupt();

        assertThatThrownBy(() -> answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void whoLeavesAsksForNoBroker() {
        link.close();

        assertThatThrownBy(link::broker).isInstanceOf(IOException.class).hasMessageContaining("leaving");
    }

    private FutureTask<BrokerAddress> askForBroker() {
        FutureTask<BrokerAddress> answer = new FutureTask<>(link::broker);
        Thread.ofVirtual().start(answer);
        return answer;
    }

    private ControlPlaneLink start(Registry registry) {
        ControlPlaneLink made = new ControlPlaneLink(
                address -> network.dial(address, "control plane"),
                new ControlPlaneAddress(new HostPort("127.0.0.1", registry.port()), directory.resolve("control.json")),
                "p",
                RegisterComponentRequest.newBuilder()
                        .setComponent("c")
                        .setRun("run-1")
                        .setInstance("i")
                        .build(),
                told,
                new Random(1));
        made.start();
        return made;
    }

    private void writeControlFile(int port, String run) throws IOException {
        Files.writeString(
                directory.resolve("control.json"),
                "{\"address\": \"127.0.0.1:" + port + "\", \"pipeline\": \"p\", \"run\": \"" + run + "\"}");
    }

    /** A control plane that grants generation 7, or refuses heartbeats. */
    private final class Registry extends ComponentRegistryGrpc.ComponentRegistryImplBase {
        private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();
        private final Duration orphanGrace;
        private final Server server;
        /** What is answered to questions for a broker first. */
        final Queue<StatusRuntimeException> brokerRefusals = new ConcurrentLinkedQueue<>();

        volatile boolean silentAboutBrokers;
        volatile Status refusal = Status.OK;

        Registry(Duration orphanGrace) throws IOException {
            this.orphanGrace = orphanGrace;
            this.server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                    .addService(this)
                    .build()
                    .start();
            registries.add(this);
        }

        int port() {
            return server.getPort();
        }

        String next() throws InterruptedException {
            String call = calls.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return call == null ? "nobody called" : call;
        }

        void close() {
            server.shutdownNow();
        }

        @Override
        public void registerComponent(
                RegisterComponentRequest request, StreamObserver<RegisterComponentResponse> observer) {
            calls.add("register previous=" + request.getPreviousGeneration());
            observer.onNext(RegisterComponentResponse.newBuilder()
                    .setGeneration(7)
                    .setHeartbeatInterval(
                            com.google.protobuf.Duration.newBuilder().setNanos(100_000_000))
                    .setOrphanGrace(com.google.protobuf.Duration.newBuilder()
                            .setSeconds(orphanGrace.toSeconds())
                            .setNanos(orphanGrace.toNanosPart()))
                    .build());
            observer.onCompleted();
        }

        @Override
        public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> observer) {
            if (this != first || !refusal.isOk()) {
                calls.add("heartbeat generation=" + request.getGeneration());
            }
            if (refusal.isOk()) {
                observer.onNext(HeartbeatResponse.getDefaultInstance());
                observer.onCompleted();
            } else {
                observer.onError(refusal.asRuntimeException());
            }
        }

        @Override
        public void findBroker(FindBrokerRequest request, StreamObserver<FindBrokerResponse> observer) {
            if (silentAboutBrokers) {
                calls.add("find broker");
                return;
            }
            StatusRuntimeException refused = brokerRefusals.poll();
            if (refused != null) {
                observer.onError(refused);
                return;
            }
            observer.onNext(FindBrokerResponse.newBuilder()
                    .setHost("127.0.0.1")
                    .setPort(port())
                    .setToken("of generation " + request.getGeneration())
                    .build());
            observer.onCompleted();
        }

        @Override
        public void watchWiring(WatchWiringRequest request, StreamObserver<WatchWiringResponse> observer) {
            // Nothing changes here.
        }
    }

    private static final class Recorded implements ControlPlaneLink.Listener {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final BlockingQueue<RegisterComponentResponse> grants = new LinkedBlockingQueue<>();

        /** Waits for the answer to a registration: a registry that closes before that has granted nothing. */
        boolean isGranted() throws InterruptedException {
            return grants.poll(PATIENCE_SECONDS, TimeUnit.SECONDS) != null;
        }

        @Override
        public void granted(RegisterComponentResponse grant) {
            grants.add(grant);
        }

        @Override
        public void wired(WatchWiringResponse wiring) {
            // Nothing changes here.
        }

        @Override
        public ComponentPhase phase() {
            return ComponentPhase.COMPONENT_PHASE_RUNNING;
        }

        @Override
        public long wiringVersion() {
            return 1;
        }

        @Override
        public void orphaned(Duration grace) {
            events.add("orphaned after " + grace);
        }

        @Override
        public void refused(String reason) {
            events.add("refused: " + reason);
        }
    }
}
