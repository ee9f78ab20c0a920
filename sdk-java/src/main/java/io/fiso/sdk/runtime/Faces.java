// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Where a component can be reached: gRPC and HTTP, bound as its environment says. */
final class Faces implements AutoCloseable {
    private final ComponentEnvironment environment;
    private final HostPort listen;
    private final HostPort httpListen;
    private final Server server;
    private final HttpEndpoint http;

    private Faces(
            ComponentEnvironment environment, HostPort listen, HostPort httpListen, Server server, HttpEndpoint http) {
        this.environment = environment;
        this.listen = listen;
        this.httpListen = httpListen;
        this.server = server;
        this.http = http;
    }

    /** Opens an HTTP endpoint at an address. */
    interface HttpOpening {
        HttpEndpoint open(HostPort address) throws IOException;
    }

    /** Binds both. Throws if an address cannot be bound; then neither is. */
    static Faces open(
            ComponentEnvironment environment,
            Network network,
            ServerCallHandler<byte[], byte[]> subscriptions,
            List<BindableService> services,
            HttpOpening httpOpening)
            throws IOException {
        HostPort listen = HostPort.parse("FISO_LISTEN", environment.listen());
        HostPort httpListen = HostPort.parse("FISO_HTTP_LISTEN", environment.httpListen());
        Server server;
        try {
            server = network.serve(listen, subscriptions, services);
        } catch (IOException e) {
            throw cannotListen("FISO_LISTEN", listen, e);
        }
        try {
            return new Faces(environment, listen, httpListen, server, httpOpening.open(httpListen));
        } catch (IOException e) {
            server.shutdownNow();
            throw cannotListen("FISO_HTTP_LISTEN", httpListen, e);
        }
    }

    private static IOException cannotListen(String variable, HostPort address, IOException reason) {
        Throwable root = reason;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new IOException(
                "cannot listen on " + address + " (" + variable + "): " + LanePart.reason(root)
                        + "; free the port, or set " + variable + " to another (port 0 takes any free one)",
                reason);
    }

    /** The address of gRPC for others. */
    String address() {
        return advertised(listen, server.getPort());
    }

    /** The address of HTTP for others. */
    String httpAddress() {
        return advertised(httpListen, http.port());
    }

    private String advertised(HostPort bound, int port) {
        String host = environment.advertiseHost().isEmpty() ? ownHost(bound) : environment.advertiseHost();
        return new HostPort(host, port).toString();
    }

    /** What is bound to every address is reached at the one that this host's name stands for, as in a container. */
    private static String ownHost(HostPort bound) {
        if (!bound.socketAddress().getAddress().isAnyLocalAddress()) {
            return bound.host();
        }
        try {
            return InetAddress.getLocalHost().getHostAddress();
        } catch (UnknownHostException _) {
            return bound.host();
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
        http.close();
    }
}
