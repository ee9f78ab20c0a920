// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.tls;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.List;

/**
 * A listening socket that logs who was turned away because of TLS, and why. gRPC tells nobody: it knows a connection only when its handshake is done.
 */
final class RefusalsLoggedChannel extends NioServerSocketChannel {
    private static final System.Logger LOG = System.getLogger("io.fiso.tls");

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int before = accepted.size();
        int result = super.doReadMessages(accepted);
        for (Object child : accepted.subList(before, accepted.size())) {
            ((Channel) child).pipeline().addLast(new Watch());
        }
        return result;
    }

    /** Stands before gRPC's handlers; with the first bytes these have added theirs for TLS, whose end it then waits for. */
    private static final class Watch extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) throws Exception {
            SslHandler tls = context.pipeline().get(SslHandler.class);
            if (tls != null) {
                Channel channel = context.channel();
                tls.handshakeFuture().addListener(end -> {
                    if (!end.isSuccess()) {
                        TlsFailure.reason(end.cause())
                                .ifPresent(reason -> LOG.log(
                                        System.Logger.Level.WARNING,
                                        "Refused a connection from {0} to {1}: {2}",
                                        channel.remoteAddress(),
                                        channel.localAddress(),
                                        reason));
                    }
                });
            }
            context.pipeline().remove(this);
            context.fireChannelRead(bytes);
        }
    }
}
