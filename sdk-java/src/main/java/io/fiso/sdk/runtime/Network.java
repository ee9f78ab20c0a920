// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.stream.v1.EventStreamGrpc;
import io.fiso.tls.TlsIdentity;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one event loop of a process, and what is dialled and served on it. Handlers run on the loop's thread and must not block: they post
 * into the core thread's mailbox.
 */
final class Network implements AutoCloseable {
    private static final int FLOW_CONTROL_WINDOW_BYTES = 2 << 20;
    private static final int INBOUND_MESSAGE_MAX_BYTES = 8 << 20;
    // The end that serves finds a half-open connection by these within ten seconds. For the end that dials gRPC raises
    // the interval to
    // ten, so what must be found sooner is probed.
    private static final long KEEP_ALIVE_SECONDS = 5;
    private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 4;

    private static final String SERVICE = "fiso.stream.v1.EventStream";

    /** EventStream.Subscribe with messages as bytes. */
    static final MethodDescriptor<byte[], byte[]> SUBSCRIBE = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "Subscribe"))
            .setRequestMarshaller(RawBytes.MARSHALLER)
            .setResponseMarshaller(RawBytes.MARSHALLER)
            .build();

    private final String token;
    private final @Nullable TlsIdentity identity;
    private final EventLoopGroup loop;

    /** @param identity who this process is to others; null for connections in plain text */
    Network(String token, @Nullable TlsIdentity identity) {
        this.token = token;
        this.identity = identity;
        ThreadFactory threads =
                Thread.ofPlatform().daemon().name("fiso-network").factory();
        this.loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
    }

    /** Binds and serves; throws if the address is taken. */
    Server serve(HostPort address, ServerCallHandler<byte[], byte[]> subscriptions, List<BindableService> services)
            throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address.socketAddress())
                .directExecutor()
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(INBOUND_MESSAGE_MAX_BYTES)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .intercept(new TokenCheck(token))
                .addService(eventStream(subscriptions));
        services.forEach(builder::addService);
        return listening(builder).build().start();
    }

    private NettyServerBuilder listening(NettyServerBuilder builder) {
        return identity == null
                ? builder.bossEventLoopGroup(loop).workerEventLoopGroup(loop).channelType(NioServerSocketChannel.class)
                : identity.serve(builder, loop);
    }

    /**
     * A channel that connects when it is first used.
     *
     * @param peer the name that the certificate of the other end has to be for; of no concern in plain text
     */
    ManagedChannel dial(HostPort address, String peer) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(address.host(), address.port());
        return (identity == null ? builder.usePlaintext() : identity.dial(builder, peer, address.toString()))
                .directExecutor()
                .eventLoopGroup(loop)
                .channelType(NioSocketChannel.class)
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(INBOUND_MESSAGE_MAX_BYTES)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(true)
                .disableRetry()
                .intercept(new TokenCarrier(token))
                .build();
    }

    /** A channel like {@link #dial}'s that finds out within ten seconds when nobody answers on it any more, and tells. */
    ProbedChannel probe(HostPort address, String peer, Consumer<ProbedChannel> onSilence) {
        return new ProbedChannel(dial(address, peer), loop, onSilence);
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    private static ServerServiceDefinition eventStream(ServerCallHandler<byte[], byte[]> subscriptions) {
        ServiceDescriptor descriptor = ServiceDescriptor.newBuilder(SERVICE)
                .setSchemaDescriptor(EventStreamGrpc.getServiceDescriptor().getSchemaDescriptor())
                .addMethod(SUBSCRIBE)
                .build();
        return ServerServiceDefinition.builder(descriptor)
                .addMethod(SUBSCRIBE, subscriptions)
                .build();
    }
}
