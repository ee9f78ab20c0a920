// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.BrokerException;
import io.fiso.broker.access.AccessFile;
import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Primitives;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.ExitCode;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.pipeline.Problem;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The embedded broker, by itself. */
@Command(
        name = "broker",
        description =
                "Durable streams, queues and key-value stores on this machine, over gRPC and HTTP with JSON; for one machine, past which Kafka takes its"
                        + " place. Ctrl-C ends it.")
final class BrokerCommand extends Verb {
    @Option(
            names = "--port",
            defaultValue = "8090",
            description = "For gRPC, on 127.0.0.1; 0 chooses one (default: 8090)")
    int port;

    @Option(
            names = "--http-port",
            defaultValue = "8091",
            description = "For HTTP, on 127.0.0.1; 0 chooses one (default: 8091)")
    int httpPort;

    @Option(
            names = "--data",
            paramLabel = "DIRECTORY",
            description = "Keep everything here instead of under the state directory")
    @Nullable
    Path data;

    BrokerCommand(Host host) {
        super(host);
    }

    @Override
    boolean streams() {
        return true;
    }

    @Override
    Answer answer() throws InterruptedException {
        for (int asked : new int[] {port, httpPort}) {
            if (asked < 0 || asked > 65_535) {
                throw new CommandException(Failure.invalid(
                        "cli.usage", asked + " is no port", "a port is 1 to 65535, and 0 lets fisoctl choose"));
            }
        }
        Path directory = data == null ? host.stateHome().resolve("broker") : data.toAbsolutePath();
        // Damage that was found in the store, and upkeep that failed.
        Logging.level("WARNING");
        StopSignals signals = StopSignals.install(() -> {});
        Instant begin = Instant.now();
        if (isText()) {
            terminal().err().println("Starting the broker, data in " + directory);
        }
        try (BrokerServer broker = start(directory)) {
            announce(broker, directory, Duration.between(begin, Instant.now()));
            signals.await();
            if (isText()) {
                terminal().err().println("Stopping the broker");
            }
        }
        return Answer.ok("stopped", Format.map("directory", directory.toString()), "");
    }

    private BrokerServer start(Path directory) {
        InstantSource clock = Clock.systemUTC();
        try {
            return BrokerServer.start(BrokerSettings.of(directory, port, httpPort), clock, new Primitives(clock));
        } catch (BrokerException e) {
            throw new CommandException(failure(e), e);
        }
    }

    private static Failure failure(BrokerException e) {
        boolean user = e.kind() == BrokerException.Kind.INVALID;
        return new Failure(
                e.code(),
                user ? Problem.Owner.USER : Problem.Owner.EXTERNAL,
                user ? ExitCode.INVALID : ExitCode.ENVIRONMENT,
                String.valueOf(e.getMessage()),
                e.code().equals("broker.port_taken") ? "choose others with --port and --http-port" : "",
                List.of());
    }

    private void announce(BrokerServer broker, Path directory, Duration took) {
        String http = "http://127.0.0.1:" + broker.httpPort();
        if (isText()) {
            terminal().out().println("grpc 127.0.0.1:" + broker.grpcPort());
            terminal().out().println("http " + http);
            terminal()
                    .err()
                    .println("Ready in " + Durations.show(took) + ". Tokens are in "
                            + directory.resolve(AccessFile.NAME) + "; " + http
                            + "/openapi.json says what can be asked. Ctrl-C ends it");
        } else {
            Map<String, @Nullable Object> ready = Format.map(
                    "event",
                    "ready",
                    "grpcPort",
                    broker.grpcPort(),
                    "httpPort",
                    broker.httpPort(),
                    "directory",
                    directory.toString(),
                    "accessFile",
                    directory.resolve(AccessFile.NAME).toString());
            terminal().out().println(Format.compact(ready));
        }
        terminal().out().flush();
    }
}
