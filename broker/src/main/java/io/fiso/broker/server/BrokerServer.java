// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import com.sun.net.httpserver.HttpServer;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.access.AccessFile;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.http.HttpBounds;
import io.fiso.broker.http.HttpFace;
import io.fiso.broker.metrics.Metrics;
import io.fiso.broker.metrics.RequestMetrics;
import io.fiso.broker.metrics.StoreMetrics;
import io.fiso.broker.service.AccessRules;
import io.fiso.broker.store.Store;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A broker that is served: the store of one directory, over gRPC and HTTP on the loopback address.
 *
 * <ol>
 *   <li>HTTP calls the very services that gRPC serves, behind the same interceptors.
 *   <li>A start that fails leaves nothing open.
 *   <li>{@link #close} takes no new calls, lets those that are being served end, for so long and no longer, and then closes the store. It may be called
 *       again, and from any thread: only the first call does anything, and the others wait for it.
 * </ol>
 */
public final class BrokerServer implements AutoCloseable {
    /** What is kept is what callers need a token for. */
    private static final FileAttribute<Set<PosixFilePermission>> OWNERS_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** Twice as many as requests that are served at once: so many more may wait for their next. */
    private static final int HTTP_CONNECTIONS_MAX = 2_048;

    private final AccessFile access;
    private final GrpcFace grpc;
    private final HttpFace http;
    private final Clients clients;
    private final Endings endings;

    private BrokerServer(AccessFile access, GrpcFace grpc, HttpFace http, Clients clients, Endings endings) {
        this.access = access;
        this.grpc = grpc;
        this.http = http;
        this.clients = clients;
        this.endings = endings;
    }

    /**
     * Opens everything, and serves until it is closed.
     *
     * @param opening makes the services, of whatever else the caller wants to see of store and catalogue too
     * @throws BrokerException if a port, the directory or the access file cannot be used
     */
    public static BrokerServer start(BrokerSettings settings, InstantSource clock, Services.Opening opening) {
        Endings endings = new Endings();
        try {
            return start(settings, clock, opening, endings);
        } catch (IOException e) {
            endings.close();
            throw new BrokerException(
                    Kind.UNAVAILABLE, "broker.start_failed", "the broker cannot start: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            endings.close();
            throw e;
        }
    }

    private static BrokerServer start(
            BrokerSettings settings, InstantSource clock, Services.Opening opening, Endings endings)
            throws IOException {
        // Or each line of a stream waits until the client has acknowledged the one before.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        // Before a request's headers are here, only the server itself can lose patience with it.
        System.setProperty("sun.net.httpserver.maxReqTime", Long.toString(HttpBounds.RECEIVE.toSeconds()));
        System.setProperty("jdk.httpserver.maxConnections", Integer.toString(HTTP_CONNECTIONS_MAX));
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        endings.add(executor::shutdownNow);
        Files.createDirectories(settings.directory(), OWNERS_ALONE);
        // First, since who has the store has the directory: of two that start at once one makes the access file.
        Store store = Store.open(settings.directory().resolve("store"));
        endings.add(store::close);
        AccessFile access = AccessFile.openOrMake(settings.directory().resolve(AccessFile.NAME));

        Services services = opening.over(store, new Catalogue(store, clock));
        AtomicBoolean ended = new AtomicBoolean();
        Runnable ending = () -> {
            if (ended.compareAndSet(false, true)) {
                services.ending().run();
            }
        };
        endings.add(ending);
        List<ServerServiceDefinition> definitions =
                services.list().stream().map(BindableService::bindService).toList();

        HttpServer listener = Ports.bind("HTTP", settings.httpPort(), address -> HttpServer.create(address, 64));
        endings.add(() -> listener.stop(0));
        Clients clients = new Clients(clock);
        String name = InProcessServerBuilder.generateName();
        RequestMetrics requests = new RequestMetrics();
        Metrics metrics = new Metrics(List.of(requests, new StoreMetrics(store), services.metrics()));
        GrpcFace grpc = GrpcFace.serve(
                name,
                settings.grpcPort(),
                definitions,
                AccessRules.of(definitions),
                access.access(),
                requests,
                executor,
                clients.overGrpc(),
                endings);
        ManagedChannel channel =
                InProcessChannelBuilder.forName(name).directExecutor().build();
        endings.add(channel::shutdownNow);
        HttpFace http = HttpFace.serve(
                listener,
                clients.overHttp(),
                definitions,
                channel,
                shown -> access.access().authenticate(shown).isPresent(),
                metrics,
                settings.http());
        endings.add(http::close);
        endings.add(() -> grpc.drain(settings.drainMax(), ending));
        return new BrokerServer(access, grpc, http, clients, endings);
    }

    /** On 127.0.0.1. */
    public int grpcPort() {
        return grpc.port();
    }

    /** On 127.0.0.1. */
    public int httpPort() {
        return http.port();
    }

    /** A token that is good for everything, for whoever runs the broker; null if the access file has none any more. */
    public @Nullable String ownToken() {
        return access.ownToken();
    }

    /** How long there has been no connection over gRPC and no request over HTTP; zero if there is one. */
    public Duration idle() {
        return clients.idle();
    }

    @Override
    public void close() {
        endings.close();
    }
}
