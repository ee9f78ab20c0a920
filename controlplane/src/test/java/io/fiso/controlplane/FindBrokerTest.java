// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.fiso.proto.control.v1.ComponentRegistryGrpc.ComponentRegistryBlockingStub;
import io.fiso.proto.control.v1.FindBrokerRequest;
import io.fiso.proto.control.v1.FindBrokerResponse;
import io.fiso.proto.control.v1.HeartbeatRequest;
import io.fiso.proto.control.v1.RunState;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Components ask for the broker of their run, over the real wire. */
@Timeout(300)
class FindBrokerTest extends LiveControlPlane {
    @Test
    void aComponentIsToldWhereTheBrokerIsEachTimeItAsks() throws Exception {
        Provider provider = new Provider();
        ScriptedComponent component = component(provider);

        provider.next.countDown();
        FindBrokerResponse first = find(component);
        FindBrokerResponse second = find(component);

        assertThat(first.getHost()).isEqualTo("127.0.0.1");
        assertThat(first.getPort()).isEqualTo(1001);
        assertThat(first.getToken()).isEqualTo("token-1");
        assertThat(second.getPort())
                .as("looked for again, since the first may have ended")
                .isEqualTo(1002);
    }

    @Test
    void whoAskMeanwhileShareOneStart() throws Exception {
        Provider provider = new Provider();
        ScriptedComponent component = component(provider);
        CountDownLatch asked = new CountDownLatch(3);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var one = threads.submit(() -> findCounting(component, asked));
            await("the start has begun", () -> provider.starts.get() == 1);
            var two = threads.submit(() -> findCounting(component, asked));
            var three = threads.submit(() -> findCounting(component, asked));
            asked.await();
            // Each of these is sent over the same connection after the questions, and answered by the loop that they
            // went through.
            heartbeat(component);
            provider.next.countDown();

            assertThat(one.get(120, TimeUnit.SECONDS).getPort()).isEqualTo(1001);
            assertThat(two.get(120, TimeUnit.SECONDS).getPort()).isBetween(1001, 1003);
            assertThat(three.get(120, TimeUnit.SECONDS).getPort()).isBetween(1001, 1003);
        }
        assertThat(provider.atOnce.get())
                .as("never two starts at the same time")
                .isEqualTo(1);
    }

    @Test
    void theLoopAndHeartbeatsDoNotWaitForAStart() throws Exception {
        Provider provider = new Provider();
        ScriptedComponent component = component(provider);
        CompletableFuture<FindBrokerResponse> answer = CompletableFuture.supplyAsync(() -> find(component));
        await("the start has begun", () -> provider.starts.get() == 1);

        for (int i = 0; i < 20; i++) {
            heartbeat(component);
        }

        assertThat(answer).as("the broker is still being started").isNotDone();
        provider.next.countDown();
        assertThat(answer.get(120, TimeUnit.SECONDS).getPort()).isEqualTo(1001);
    }

    @Test
    void saysWhyNoneCouldBeStartedAndTriesAgainWhenAskedAgain() throws Exception {
        Provider provider = new Provider();
        provider.failure = "the disk is full; make room";
        provider.next.countDown();
        ScriptedComponent component = component(provider);

        assertRefused(component, Code.UNAVAILABLE, "broker.not_started", "the disk is full; make room");
        provider.failure = "";
        assertThat(find(component).getPort()).isEqualTo(1002);
    }

    @Test
    void aRunWhoseComponentsCouldNotReachOneHasNone() throws Exception {
        Provider provider = new Provider();
        provider.driver = "another";

        assertRefused(component(provider), Code.FAILED_PRECONDITION, "run.no_broker", "address and the token");
        assertThat(provider.starts).hasValue(0);
    }

    @Test
    void withoutAProviderThereIsNone() throws Exception {
        assertRefused(
                component(BrokerProvider.NONE), Code.FAILED_PRECONDITION, "run.no_broker", "this run has no broker");
        assertThatThrownBy(BrokerProvider.NONE::find).isInstanceOf(IOException.class);
    }

    @Test
    void onlyWhoHoldsItsPlaceInTheRunIsTold() throws Exception {
        Provider provider = new Provider();
        ScriptedComponent component = component(provider);

        FindBrokerRequest.Builder request = request(component);
        assertThat(refusal(component, request.setGeneration(component.grant.getGeneration() + 1)))
                .returns(Code.FAILED_PRECONDITION, e -> e.getStatus().getCode());
        assertThat(refusal(component, request.setInstance("a stranger")))
                .returns(Code.NOT_FOUND, e -> e.getStatus().getCode());
        assertThat(provider.starts).hasValue(0);
    }

    @Test
    void anEndDoesNotWaitForAStart() throws Exception {
        Provider provider = new Provider();
        ControlPlane controlPlane = start(provider);
        ScriptedComponent component = running(controlPlane);
        CompletableFuture<FindBrokerResponse> answer = CompletableFuture.supplyAsync(() -> find(component));
        await("the start has begun", () -> provider.starts.get() == 1);

        controlPlane.close();

        assertThat(catchThrowable(() -> answer.get(120, TimeUnit.SECONDS)))
                .hasRootCauseInstanceOf(StatusRuntimeException.class);
        await("the start was interrupted", () -> provider.interrupted);
    }

    private ScriptedComponent component(BrokerProvider provider) throws Exception {
        return running(start(provider));
    }

    private ControlPlane start(BrokerProvider provider) {
        return opened(ControlPlane.start(config("p").apply(state).withBrokers(provider)));
    }

    private ScriptedComponent running(ControlPlane controlPlane) throws Exception {
        await(controlPlane, startRun(controlPlane, "p"), RunState.RUN_STATE_RUNNING);
        return driver.last("orders").component;
    }

    private static FindBrokerRequest.Builder request(ScriptedComponent component) {
        return FindBrokerRequest.newBuilder()
                .setComponent(component.id())
                .setInstance(component.instance)
                .setGeneration(component.grant.getGeneration());
    }

    private static ComponentRegistryBlockingStub registry(ScriptedComponent component) {
        return ComponentRegistryGrpc.newBlockingStub(component.channel())
                .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static FindBrokerResponse find(ScriptedComponent component) {
        return registry(component).findBroker(request(component).build());
    }

    private static FindBrokerResponse findCounting(ScriptedComponent component, CountDownLatch asked) {
        asked.countDown();
        return find(component);
    }

    private static void heartbeat(ScriptedComponent component) {
        var _ = registry(component)
                .heartbeat(HeartbeatRequest.newBuilder()
                        .setComponent(component.id())
                        .setInstance(component.instance)
                        .setGeneration(component.grant.getGeneration())
                        .build());
    }

    private static StatusRuntimeException refusal(ScriptedComponent component, FindBrokerRequest.Builder request) {
        Throwable refused = catchThrowable(() -> registry(component).findBroker(request.build()));
        assertThat(refused).isInstanceOf(StatusRuntimeException.class);
        return (StatusRuntimeException) refused;
    }

    private static void assertRefused(ScriptedComponent component, Code status, String code, String message) {
        StatusRuntimeException refused = refusal(component, request(component));
        assertThat(refused.getStatus().getCode()).isEqualTo(status);
        assertThat(refused.getTrailers()).isNotNull();
        assertThat(refused.getTrailers().get(GrpcErrors.CODE)).isEqualTo(code);
        assertThat(refused).hasMessageContaining(message);
    }

    /** Each start gives another address, once the test lets it. */
    private static final class Provider implements BrokerProvider {
        final AtomicInteger starts = new AtomicInteger();
        final AtomicInteger running = new AtomicInteger();
        final AtomicInteger atOnce = new AtomicInteger();
        final CountDownLatch next = new CountDownLatch(1);
        volatile String driver = "fake";
        volatile String failure = "";
        volatile boolean interrupted;

        @Override
        public boolean reaches(String asked) {
            return asked.equals(driver);
        }

        @Override
        public BrokerAddress find() throws IOException, InterruptedException {
            int start = starts.incrementAndGet();
            int together = running.incrementAndGet();
            atOnce.accumulateAndGet(together, Math::max);
            assertThat(Thread.currentThread().isVirtual()).isFalse();
            try {
                next.await();
            } catch (InterruptedException e) {
                interrupted = true;
                throw e;
            } finally {
                running.decrementAndGet();
            }
            if (!failure.isEmpty()) {
                throw new IOException(failure);
            }
            return new BrokerAddress("127.0.0.1", 1000 + start, "token-" + start);
        }
    }
}
