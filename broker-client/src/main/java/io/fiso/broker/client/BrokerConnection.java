// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.client;

import io.fiso.proto.broker.v1.KeyValueGrpc;
import io.fiso.proto.broker.v1.QueuesGrpc;
import io.fiso.proto.broker.v1.ResourcesGrpc;
import io.fiso.proto.broker.v1.StreamsGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A connection to one broker, made when it is first used and made again by itself. Safe for use by any thread. Its stubs throw gRPC's own errors, which
 * {@link #call} turns into {@link BrokerFailure}.
 */
public final class BrokerConnection implements AutoCloseable {
    /** As much as the broker takes in one message, and answers in one. */
    private static final int MESSAGE_MAX_BYTES = 32 << 20;

    private static final int FLOW_CONTROL_WINDOW_BYTES = 2 << 20;
    // A half-open connection is found within ten and some seconds; gRPC allows no shorter interval to those who dial.
    private static final long KEEP_ALIVE_SECONDS = 10;
    private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 4;
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final BrokerAddress address;
    private final ManagedChannel channel;
    private final Channel authorised;

    private BrokerConnection(BrokerAddress address) {
        this.address = address;
        this.channel = NettyChannelBuilder.forAddress(address.host(), address.port())
                .usePlaintext()
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(MESSAGE_MAX_BYTES)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .disableRetry()
                .build();
        this.authorised = ClientInterceptors.intercept(channel, new Bearer("Bearer " + address.token()));
    }

    /** Does not block, and finds nothing out: the first call does. */
    public static BrokerConnection to(BrokerAddress address) {
        return new BrokerConnection(address);
    }

    public BrokerAddress address() {
        return address;
    }

    public ResourcesGrpc.ResourcesBlockingStub resources() {
        return ResourcesGrpc.newBlockingStub(authorised);
    }

    public StreamsGrpc.StreamsBlockingStub streams() {
        return StreamsGrpc.newBlockingStub(authorised);
    }

    /** For {@code Subscribe}, which goes both ways. */
    public StreamsGrpc.StreamsStub streamsAsync() {
        return StreamsGrpc.newStub(authorised);
    }

    public QueuesGrpc.QueuesBlockingStub queues() {
        return QueuesGrpc.newBlockingStub(authorised);
    }

    public KeyValueGrpc.KeyValueBlockingStub keyValues() {
        return KeyValueGrpc.newBlockingStub(authorised);
    }

    /**
     * Makes a call on one of the stubs.
     *
     * @throws BrokerFailure instead of gRPC's error
     */
    public <A> A call(Supplier<A> call) {
        try {
            return call.get();
        } catch (StatusRuntimeException e) {
            throw BrokerFailure.of(e, address);
        }
    }

    /** Ends all calls. */
    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(Duration.ofSeconds(1).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private record Bearer(String value) implements ClientInterceptor {
        @Override
        public <Q, S> ClientCall<Q, S> interceptCall(MethodDescriptor<Q, S> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<S> listener, Metadata headers) {
                    headers.put(AUTHORIZATION, value);
                    super.start(listener, headers);
                }
            };
        }

        @Override
        public String toString() {
            return "Bearer";
        }
    }
}
