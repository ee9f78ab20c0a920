// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.BrokerException;
import io.fiso.broker.access.AccessFile;
import io.fiso.broker.client.RunningBroker;
import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Primitives;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.ExitCode;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.pipeline.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    @Option(
            names = "--until-idle",
            paramLabel = "DURATION",
            converter = Durations.class,
            description = "End when nobody has been connected for so long, from the start on: 30s")
    @Nullable
    Duration untilIdle;

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
        if (untilIdle != null && untilIdle.isZero()) {
            throw new CommandException(Failure.invalid(
                    "cli.usage", "--until-idle has to leave some time to connect", "write --until-idle 30s"));
        }
        Path directory = data == null ? host.stateHome().resolve("broker") : data.toAbsolutePath();
        // Damage that was found in the store, and upkeep that failed.
        Logging.level("WARNING");
        StopSignals signals = StopSignals.install(() -> {});
        Instant begin = Instant.now();
        if (isText()) {
            terminal().err().println("Starting the broker, data in " + directory);
        }
        String why;
        try (BrokerServer broker = start(directory)) {
            Optional<RunningBroker> said = say(broker, directory);
            try {
                announce(broker, directory, said.isPresent(), Duration.between(begin, Instant.now()));
                why = awaitEnd(broker, signals);
            } finally {
                said.ifPresent(running -> takeBack(running, directory));
            }
            if (isText()) {
                terminal().err().println("Stopping the broker" + (why.isEmpty() ? "" : ": " + why));
            }
        }
        return Answer.ok(
                why.isEmpty() ? "stopped" : "stopped: " + why, Format.map("directory", directory.toString()), "");
    }

    /** Why it ends; empty if somebody asked for it. */
    private String awaitEnd(BrokerServer broker, StopSignals signals) throws InterruptedException {
        if (untilIdle == null) {
            signals.await();
            return "";
        }
        Duration idle = broker.idle();
        while (idle.compareTo(untilIdle) < 0) {
            if (signals.await(untilIdle.minus(idle))) {
                return "";
            }
            idle = broker.idle();
        }
        return "nobody has been connected for " + Durations.show(untilIdle);
    }

    /** Says in the directory where it is, for other commands and for pipelines; empty if it cannot. */
    private Optional<RunningBroker> say(BrokerServer broker, Path directory) {
        String token = broker.ownToken();
        if (token == null) {
            tell(directory.resolve(AccessFile.NAME) + " has no token that is good for everything (namespaces \"*/*\","
                    + " permission \"admin\"), so pipelines and other commands do not find this broker by themselves");
            return Optional.empty();
        }
        RunningBroker running = RunningBroker.here(broker.grpcPort(), broker.httpPort(), token);
        try {
            running.write(directory);
            return Optional.of(running);
        } catch (IOException e) {
            tell("pipelines and other commands do not find this broker by themselves: " + describe(e));
            return Optional.empty();
        }
    }

    /** While the store is still this process's, so that what a successor says is not taken back. */
    private void takeBack(RunningBroker running, Path directory) {
        try {
            running.remove(directory);
        } catch (IOException e) {
            tell("what says where this broker runs cannot be removed: " + describe(e));
        }
    }

    private void tell(String what) {
        terminal().err().println("warning: " + what);
    }

    private BrokerServer start(Path directory) {
        InstantSource clock = Clock.systemUTC();
        try {
            return BrokerServer.start(BrokerSettings.of(directory, port, httpPort), clock, new Primitives(clock));
        } catch (BrokerException e) {
            throw new CommandException(failure(e, directory), e);
        }
    }

    private static Failure failure(BrokerException e, Path directory) {
        Optional<RunningBroker> other =
                e.code().equals("broker.store_in_use") ? RunningBroker.find(directory) : Optional.empty();
        if (other.isPresent()) {
            RunningBroker running = other.get();
            return Failure.environment(
                    e.code(),
                    "a broker has " + directory + " already: process " + running.pid() + ", gRPC 127.0.0.1:"
                            + running.grpcPort() + ", HTTP http://127.0.0.1:" + running.httpPort(),
                    "use that one, end it with \"kill " + running.pid()
                            + "\", or keep this one's data elsewhere with --data");
        }
        boolean user = e.kind() == BrokerException.Kind.INVALID;
        return new Failure(
                e.code(),
                user ? Problem.Owner.USER : Problem.Owner.EXTERNAL,
                user ? ExitCode.INVALID : ExitCode.ENVIRONMENT,
                String.valueOf(e.getMessage()),
                switch (e.code()) {
                    case "broker.port_taken" -> "choose others with --port and --http-port";
                    case "broker.store_in_use" ->
                        "it starts or ends just now, or does not say where it is; try again, or keep this one's data elsewhere with --data";
                    default -> "";
                },
                List.of());
    }

    private void announce(BrokerServer broker, Path directory, boolean findable, Duration took) {
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
                    "pid",
                    ProcessHandle.current().pid(),
                    "findable",
                    findable,
                    "directory",
                    directory.toString(),
                    "accessFile",
                    directory.resolve(AccessFile.NAME).toString());
            terminal().out().println(Format.compact(ready));
        }
        terminal().out().flush();
    }
}
