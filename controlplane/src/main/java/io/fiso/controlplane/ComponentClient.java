// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.fiso.proto.stream.v1.DescribeRequest;
import io.fiso.proto.stream.v1.DescribeResponse;
import io.fiso.proto.stream.v1.DrainRequest;
import io.fiso.proto.stream.v1.FinishRequest;
import io.fiso.proto.stream.v1.InjectRequest;
import io.fiso.proto.stream.v1.InjectResponse;
import io.fiso.proto.stream.v1.LifecycleGrpc;
import io.fiso.proto.stream.v1.PauseRequest;
import io.fiso.proto.stream.v1.ResumeRequest;
import io.fiso.proto.stream.v1.StopRequest;
import io.fiso.proto.stream.v1.StopResponse;
import io.fiso.tls.TlsIdentity;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Calls one instance of a component. Every call has a deadline, and answers on a thread of gRPC's. */
final class ComponentClient implements AutoCloseable {
    /** The shortest that gRPC grants a client. */
    private static final long KEEP_ALIVE_SECONDS = 10;

    private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 4;

    private final ManagedChannel channel;
    private final Duration timeout;

    /**
     * Dials when it is first used.
     *
     * @param name the name that its certificate has to be for
     * @param identity who to be to it; empty for a connection in plain text
     */
    ComponentClient(String address, String name, String token, Duration timeout, Optional<TlsIdentity> identity) {
        this.timeout = timeout;
        NettyChannelBuilder builder = NettyChannelBuilder.forTarget(address);
        this.channel = identity.map(own -> own.dial(builder, name, address))
                .orElseGet(builder::usePlaintext)
                .directExecutor()
                // A connection that is gone without an end would otherwise leave this component's progress as it was
                // last seen.
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .intercept(BearerToken.attaching(token))
                .build();
    }

    /** Empty if there was no answer. */
    void describe(Consumer<Optional<DescribeResponse>> answer) {
        deliver(
                LifecycleGrpc.newFutureStub(channel)
                        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .describe(DescribeRequest.getDefaultInstance()),
                answer);
    }

    /** Whether the component says that it can serve; empty if there was no answer. */
    void check(Consumer<Optional<Boolean>> answer) {
        deliver(
                HealthGrpc.newFutureStub(channel)
                        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .check(HealthCheckRequest.getDefaultInstance()),
                result -> answer.accept(result.map(response -> response.getStatus() == ServingStatus.SERVING)));
    }

    /** Asks for a drain; tells whether that was heard. */
    void drain(Duration grace, Consumer<Boolean> heard) {
        deliver(
                LifecycleGrpc.newFutureStub(channel)
                        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .drain(DrainRequest.newBuilder()
                                .setGrace(WireTime.duration(grace))
                                .build()),
                result -> heard.accept(result.isPresent()));
    }

    /** Hands in an event and blocks until it is settled, the caller has gone, or the deadline has passed. */
    InjectResponse inject(InjectRequest request, Deadline deadline) {
        return LifecycleGrpc.newBlockingStub(channel).withDeadline(deadline).inject(request);
    }

    /** Asks a source to emit nothing more; who does not hear it is asked again. */
    void pause(String reason) {
        deliver(
                LifecycleGrpc.newFutureStub(channel)
                        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .pause(PauseRequest.newBuilder().setReason(reason).build()),
                _ -> {});
    }

    /** Asks a source to go on; who does not hear it is asked again. */
    void resume() {
        deliver(
                LifecycleGrpc.newFutureStub(channel)
                        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .resume(ResumeRequest.getDefaultInstance()),
                _ -> {});
    }

    /** Tells a source that its outside gets nothing more; who does not hear it is told again. */
    void finish(String mark) {
        deliver(
                LifecycleGrpc.newFutureStub(channel)
                        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .finish(FinishRequest.newBuilder().setMark(mark).build()),
                _ -> {});
    }

    /** Asks for the end; tells how much was not settled at that moment, or nothing if it was not heard. */
    void stop(Duration grace, Consumer<Optional<Long>> unsettled) {
        deliver(
                LifecycleGrpc.newFutureStub(channel)
                        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .stop(StopRequest.newBuilder()
                                .setGrace(WireTime.duration(grace))
                                .build()),
                result -> unsettled.accept(result.map(StopResponse::getUnsettled)));
    }

    private static <T> void deliver(ListenableFuture<T> future, Consumer<Optional<T>> answer) {
        Futures.addCallback(
                future,
                new FutureCallback<T>() {
                    @Override
                    public void onSuccess(@Nullable T result) {
                        answer.accept(Optional.ofNullable(result));
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        answer.accept(Optional.empty());
                    }
                },
                MoreExecutors.directExecutor());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
