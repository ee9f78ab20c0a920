// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to reach a broker. */
final class KafkaOptions {
    private static final String USUAL = "localhost:9092";

    @Option(
            names = "--brokers",
            paramLabel = "HOST:PORT,…",
            description =
                    "Brokers to start from (default: FISO_KAFKA_BROKERS, else a running \"fisoctl dev kafka\", else localhost:9092)")
    @Nullable
    String brokers;

    @Option(
            names = "--property",
            paramLabel = "KEY=VALUE",
            description = "A further client property, for TLS and SASL for example")
    Map<String, String> properties = Map.of();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = Durations.class,
            defaultValue = "10s",
            description = "How long to wait for a broker, and for messages that were asked for (default: 10s)")
    Duration timeout = Duration.ofSeconds(10);

    String brokers(Host host) {
        if (brokers != null) {
            return brokers;
        }
        return host.variable("FISO_KAFKA_BROKERS")
                .or(() -> DevKafka.findRunning(host))
                .orElse(USUAL);
    }

    /** What producers and consumers share. */
    Map<String, Object> client(Host host) {
        return client(properties, brokers(host), timeout);
    }

    /** Properties of any client of fisoctl's: it gives up when the user does not want to wait any longer. */
    static Map<String, Object> client(Map<String, ?> properties, String brokers, Duration timeout) {
        Map<String, Object> config = new HashMap<>(properties);
        config.put("bootstrap.servers", brokers);
        config.put("client.id", "fisoctl");
        config.put("default.api.timeout.ms", (int) timeout.toMillis());
        config.put("request.timeout.ms", (int) Math.max(1, timeout.toMillis() / 2));
        config.put("socket.connection.setup.timeout.ms", "2000");
        return config;
    }

    /** What to tell when the client gave up. */
    CommandException unreachable(Host host, Exception cause) {
        Throwable root = cause instanceof java.util.concurrent.ExecutionException && cause.getCause() != null
                ? cause.getCause()
                : cause;
        boolean silent = root instanceof TimeoutException;
        return new CommandException(
                Failure.environment(
                        silent ? "kafka.unreachable" : "kafka.refused",
                        silent
                                ? "no broker answered at " + brokers(host) + " within " + Durations.show(timeout)
                                : "the broker at " + brokers(host) + " refused: " + root.getMessage(),
                        silent ? "start one with \"fisoctl dev kafka\", or name yours with --brokers" : ""),
                cause);
    }
}
