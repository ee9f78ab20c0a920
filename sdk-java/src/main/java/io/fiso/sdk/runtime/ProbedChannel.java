// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A channel that is asked for a sign of life every few seconds while it is connected. When none comes the connection is half-open: the
 * other end is gone without a word, or something between swallows all bytes. Answers come from the other end's event loop, so that user
 * code which takes its time there is not taken for silence.
 */
final class ProbedChannel implements AutoCloseable {
    private static final long INTERVAL_SECONDS = 3;
    private static final long ANSWER_SECONDS = 5;

    private final ManagedChannel channel;
    private final Consumer<ProbedChannel> onSilence;
    private final Future<?> probing;

    ProbedChannel(ManagedChannel channel, EventLoopGroup loop, Consumer<ProbedChannel> onSilence) {
        this.channel = channel;
        this.onSilence = onSilence;
        this.probing = loop.scheduleWithFixedDelay(this::ask, INTERVAL_SECONDS, INTERVAL_SECONDS, TimeUnit.SECONDS);
    }

    ManagedChannel channel() {
        return channel;
    }

    private void ask() {
        if (channel.getState(false) != ConnectivityState.READY) {
            return;
        }
        Futures.addCallback(
                HealthGrpc.newFutureStub(channel)
                        .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
                        .check(HealthCheckRequest.getDefaultInstance()),
                new FutureCallback<HealthCheckResponse>() {
                    @Override
                    public void onSuccess(@Nullable HealthCheckResponse answer) {
                        // Whatever it says of itself, it is there.
                    }

                    @Override
                    public void onFailure(Throwable reason) {
                        if (Status.fromThrowable(reason).getCode() == Status.Code.DEADLINE_EXCEEDED) {
                            onSilence.accept(ProbedChannel.this);
                        }
                    }
                },
                MoreExecutors.directExecutor());
    }

    /** Takes no new calls; those that stand may end by themselves. */
    void finish() {
        probing.cancel(false);
        channel.shutdown();
    }

    /** Ends its calls at once. */
    @Override
    public void close() {
        probing.cancel(false);
        channel.shutdownNow();
    }
}
