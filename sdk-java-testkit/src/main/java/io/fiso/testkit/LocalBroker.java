// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.http.HttpBounds;
import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Primitives;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A real broker in this JVM, which can be ended and started again over what it kept, each time on another port. */
public final class LocalBroker implements AutoCloseable {
    private final Path directory;
    private @Nullable BrokerServer server;
    private @Nullable BrokerAddress address;
    private @Nullable BrokerConnection connection;

    private LocalBroker(Path directory) {
        this.directory = directory;
    }

    /** Starts one over this directory. */
    public static LocalBroker start(Path directory) {
        LocalBroker broker = new LocalBroker(directory);
        broker.start();
        return broker;
    }

    /** Starts it again. */
    public synchronized void start() {
        BrokerServer started = BrokerServer.start(
                new BrokerSettings(
                        directory,
                        0,
                        0,
                        HttpBounds.forMessages(BrokerSettings.MESSAGE_MAX_BYTES),
                        Duration.ofMillis(200)),
                Clock.systemUTC(),
                new Primitives(Clock.systemUTC()));
        server = started;
        address = new BrokerAddress("127.0.0.1", started.grpcPort(), Objects.requireNonNull(started.ownToken()));
    }

    /** Ends it; calls that take longer than a moment are cut off. */
    public synchronized void stop() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
        if (server != null) {
            server.close();
            server = null;
        }
    }

    /** Where it is, or was before it was ended. */
    public synchronized BrokerAddress address() {
        return Objects.requireNonNull(address);
    }

    /** A connection of the test's own, until the broker is ended. */
    public synchronized BrokerConnection connection() {
        BrokerConnection open = connection;
        if (open == null) {
            open = BrokerConnection.to(address());
            connection = open;
        }
        return open;
    }

    @Override
    public void close() {
        stop();
    }
}
