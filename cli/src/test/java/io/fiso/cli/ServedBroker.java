// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.RunningBroker;
import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Primitives;
import io.fiso.cli.output.Format;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A broker in this process, which commands find as that of their state home. */
final class ServedBroker implements AutoCloseable {
    private final Path directory;
    private final BrokerServer server;

    ServedBroker(Path directory) throws IOException {
        this.directory = directory;
        Path data = directory.resolve("state").resolve("broker");
        Clock clock = Clock.systemUTC();
        this.server = BrokerServer.start(BrokerSettings.of(data, 0, 0), clock, new Primitives(clock));
        RunningBroker.here(server.grpcPort(), server.httpPort(), token()).write(data);
    }

    int port() {
        return server.grpcPort();
    }

    String token() {
        return Objects.requireNonNull(server.ownToken());
    }

    /** What a command answered. */
    record Answered(int exit, String out, String err) {
        /** Of its envelope under {@code -o json}. */
        @SuppressWarnings("unchecked")
        Map<String, @Nullable Object> result() {
            return (Map<String, @Nullable Object>)
                    Objects.requireNonNull(envelope().get("result"));
        }

        @SuppressWarnings("unchecked")
        Map<String, @Nullable Object> error() {
            return (Map<String, @Nullable Object>)
                    Objects.requireNonNull(envelope().get("error"));
        }

        @SuppressWarnings("unchecked")
        private Map<String, @Nullable Object> envelope() {
            return (Map<String, @Nullable Object>) Objects.requireNonNull(Format.parse(out));
        }
    }

    Answered run(String... args) {
        RecordedHost host = new RecordedHost(directory);
        int exit = host.run(args);
        return new Answered(exit, host.out(), host.err());
    }

    /** One that works, in text; what it printed. */
    String ok(String... args) {
        Answered answered = run(args);
        if (answered.exit() != 0) {
            throw new AssertionError(String.join(" ", args) + " ended with " + answered);
        }
        return answered.out();
    }

    @Override
    public void close() {
        server.close();
    }
}
