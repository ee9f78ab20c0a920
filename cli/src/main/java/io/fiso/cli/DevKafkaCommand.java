// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.ExitCode;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.pipeline.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A broker for developers. */
@Command(
        name = "kafka",
        description =
                "A real Apache Kafka (KRaft) on this machine; its data stays under the state directory. Ctrl-C ends it.")
final class DevKafkaCommand extends Verb {
    @Option(names = "--port", defaultValue = "9092", description = "Port on 127.0.0.1; 0 chooses one (default: 9092)")
    int port;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description =
                    "Listen at this address of the machine too, for clients that do not share its loopback address,"
                            + " such as containers (the gateway of their network). There is no password")
    @Nullable
    String listen;

    @Option(
            names = "--data",
            paramLabel = "DIRECTORY",
            description = "Keep everything here instead of under the state directory")
    @Nullable
    Path data;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A broker setting, such as num.partitions=1")
    Map<String, String> settings = Map.of();

    DevKafkaCommand(Host host) {
        super(host);
    }

    @Override
    boolean streams() {
        return true;
    }

    @Override
    Answer answer() throws IOException, InterruptedException {
        Path directory = data == null ? DevKafka.directory(host) : data.toAbsolutePath();
        if (data == null) {
            Optional<String> running = DevKafka.findRunning(host);
            if (running.isPresent()) {
                throw new CommandException(Failure.environment(
                        "env.kafka_runs",
                        "a Kafka of fisoctl runs already, at " + running.get(),
                        "use it, or give this one a directory of its own with --data (and a --port)"));
            }
        }
        int chosen = choosePort();
        StopSignals signals = StopSignals.install(() -> {});
        Instant begin = Instant.now();
        if (isText()) {
            terminal().err().println("Starting Apache Kafka, data in " + directory);
        }
        List<String> pairs = new ArrayList<>();
        settings.forEach((key, value) -> pairs.add(key + "=" + value));
        if (listen != null) {
            pairs.add("more.listeners=FURTHER:PLAINTEXT:" + furtherAddress(listen));
        }
        try (DevKafka kafka = start(directory, chosen, pairs)) {
            announce(kafka, Duration.between(begin, Instant.now()));
            while (!signals.await(Duration.ofMillis(200))) {
                if (!kafka.alive()) {
                    return Answer.failed(new Failure(
                            "kafka.ended",
                            Problem.Owner.EXTERNAL,
                            ExitCode.FAILED,
                            "Kafka ended by itself; its last lines:\n" + kafka.lastLines(),
                            "the whole log is in " + directory.resolve("node.log"),
                            List.of()));
                }
            }
            if (isText()) {
                terminal().err().println("Stopping Apache Kafka");
            }
        }
        return Answer.ok("stopped", Format.map("directory", directory.toString()), "");
    }

    private DevKafka start(Path directory, int chosen, List<String> pairs) throws InterruptedException {
        try {
            return DevKafka.start(host.fisoHome(), directory, chosen, pairs);
        } catch (IOException e) {
            throw new CommandException(
                    Failure.environment("kafka.not_started", describe(e), "see the log in " + directory), e);
        }
    }

    private static String furtherAddress(String address) {
        int colon = address.lastIndexOf(':');
        if (colon < 1 || !address.substring(colon + 1).matches("[0-9]{1,5}")) {
            throw new CommandException(Failure.invalid(
                    "cli.usage", "--listen is \"" + address + "\"", "write it as HOST:PORT, as in 172.18.0.1:9094"));
        }
        return address;
    }

    private int choosePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        } catch (java.net.BindException e) {
            throw new CommandException(
                    Failure.environment(
                            "env.port_taken",
                            "port " + port + " on 127.0.0.1 is taken",
                            "a broker may run there already; else choose another with --port"),
                    e);
        }
    }

    private void announce(DevKafka kafka, Duration took) {
        if (isText()) {
            terminal().out().println(kafka.bootstrapServers());
            terminal()
                    .err()
                    .println("Ready in " + Durations.show(took) + ". Clients use " + kafka.bootstrapServers()
                            + "; fisoctl produce and consume find it by themselves. Ctrl-C ends it");
        } else {
            Map<String, @Nullable Object> ready = kafka.data();
            ready.put("event", "ready");
            terminal().out().println(Format.compact(ready));
        }
        terminal().out().flush();
    }
}
