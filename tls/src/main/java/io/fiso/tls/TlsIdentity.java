// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.tls;

import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;

/**
 * Who a process is to others, and whom it trusts.
 *
 * <ol>
 *   <li>TLS 1.3 by the JDK's own implementation, nothing native; both ends present a certificate of the same authority, else there is no connection.
 *   <li>Who dials also checks that the other end is who it meant, by {@linkplain PeerName name} and not by address.
 *   <li>A certificate that was renewed on disk is used from the next connection on; the authority is read once.
 *   <li>Who is turned away stands in the log of both ends, with the reason.
 * </ol>
 *
 * For any thread.
 */
public final class TlsIdentity {
    private static final String PROTOCOL = "TLSv1.3";

    private final RereadKey key;
    private final SslContext serving;
    private final SslContext dialling;

    private TlsIdentity(RereadKey key, SslContext serving, SslContext dialling) {
        this.key = key;
        this.serving = serving;
        this.dialling = dialling;
    }

    /**
     * Reads one.
     *
     * @throws IOException if a file is missing or cannot be used; names it, and says what to do
     */
    public static TlsIdentity read(TlsDirectory directory) throws IOException {
        RereadKey key = new RereadKey(directory);
        ExplainedTrust trust = new ExplainedTrust(directory.authority());
        try {
            SslContextBuilder serving = SslContextBuilder.forServer(key)
                    .trustManager(trust)
                    .clientAuth(ClientAuth.REQUIRE)
                    .protocols(PROTOCOL);
            SslContextBuilder dialling = SslContextBuilder.forClient()
                    .keyManager(key)
                    .trustManager(trust)
                    .protocols(PROTOCOL);
            return new TlsIdentity(
                    key,
                    GrpcSslContexts.configure(serving, SslProvider.JDK).build(),
                    GrpcSslContexts.configure(dialling, SslProvider.JDK).build());
        } catch (SSLException e) {
            throw new IOException(
                    "TLS cannot be used with what stands in " + directory.path() + ": " + e.getMessage(), e);
        }
    }

    /** The certificate that others see. */
    public X509Certificate certificate() {
        return key.certificate();
    }

    /** Has a server ask everybody for a certificate. Its sockets are served by this loop. */
    public NettyServerBuilder serve(NettyServerBuilder builder, EventLoopGroup loop) {
        return builder.sslContext(serving)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .channelFactory(RefusalsLoggedChannel::new);
    }

    /**
     * Has a channel present the certificate, and look at the other end's.
     *
     * @param peer the {@linkplain PeerName name} that the other end's certificate has to be for
     * @param dialled host:port, for messages
     */
    public NettyChannelBuilder dial(NettyChannelBuilder builder, String peer, String dialled) {
        return builder.sslContext(dialling)
                .overrideAuthority(peer)
                .intercept(new ExplainedFailures(peer + " at " + dialled));
    }
}
