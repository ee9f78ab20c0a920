// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.RunningBroker;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which of Fiso's brokers a command is for. */
final class BrokerOptions {
    @Option(
            names = "--broker",
            paramLabel = "HOST:PORT|DIRECTORY",
            description =
                    "Where the broker serves gRPC, or where it keeps its data (default: FISO_BROKER, else the one that \"fisoctl broker\" runs)")
    @Nullable
    String broker;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "What to show it (default: FISO_BROKER_TOKEN, else what the running broker says)")
    @Nullable
    String token;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "The same, from a file that has only the token in it")
    @Nullable
    Path tokenFile;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = Durations.class,
            defaultValue = "10s",
            description = "How long to wait for an answer (default: 10s)")
    Duration timeout = Duration.ofSeconds(10);

    /** @throws CommandException if none runs, or what was given is no address */
    BrokerAddress address(Host host) throws IOException {
        if (timeout.isZero()) {
            throw invalid("--timeout 0s leaves no time for an answer", "write --timeout 10s");
        }
        Optional<String> shown = token(host);
        String where = broker != null ? broker : host.variable("FISO_BROKER").orElse(null);
        if (where == null || isDirectory(where)) {
            LocalBroker local = where == null
                    ? new LocalBroker(host)
                    : new LocalBroker(Path.of(where).toAbsolutePath(), java.util.List::of);
            RunningBroker running = local.find().orElseThrow(() -> notRunning(local.directory()));
            BrokerAddress own = running.address();
            return new BrokerAddress(own.host(), own.port(), shown.orElse(own.token()));
        }
        int colon = where.lastIndexOf(':');
        int port = port(where.substring(colon + 1));
        if (colon < 1 || port < 1) {
            throw invalid(
                    "\"" + where + "\" is no address of a broker",
                    "write HOST:PORT, such as 127.0.0.1:8090, or the directory that it keeps its data in");
        }
        return new BrokerAddress(
                where.substring(0, colon),
                port,
                shown.orElseThrow(
                        () -> invalid(
                                "nothing says which token to show the broker at " + where,
                                "name it with --token-file, --token or FISO_BROKER_TOKEN; the broker's are in access.json in its directory")));
    }

    private Optional<String> token(Host host) throws IOException {
        if (token != null && tokenFile != null) {
            throw invalid("both --token and --token-file say what to show", "give one of them");
        }
        String shown = token != null
                ? token
                : tokenFile != null
                        ? Files.readString(tokenFile).strip()
                        : host.variable("FISO_BROKER_TOKEN").orElse(null);
        if (shown != null && !shown.matches("[!-~]+")) {
            throw invalid(
                    (tokenFile == null ? "the token" : "\"" + tokenFile + "\"") + " is no token: one word is expected",
                    "the broker's tokens are in access.json in its directory");
        }
        return Optional.ofNullable(shown);
    }

    private static boolean isDirectory(String where) {
        return where.contains("/") || where.equals(".") || Files.isDirectory(Path.of(where));
    }

    private static int port(String text) {
        return text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= 65_535 ? Integer.parseInt(text) : 0;
    }

    private static CommandException notRunning(Path directory) {
        return new CommandException(Failure.environment(
                "broker.not_running",
                "no broker runs in " + directory,
                "start one with \"fisoctl broker\", or say where yours is with --broker"));
    }

    private static CommandException invalid(String message, String remedy) {
        return new CommandException(Failure.invalid("cli.usage", message, remedy));
    }
}
