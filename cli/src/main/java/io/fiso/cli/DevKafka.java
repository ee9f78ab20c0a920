// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A real Apache Kafka, as a process of its own that ends with this one: its standard input is a pipe from here, and it ends when that closes.
 * {@code node.json} beside the data says where it is, so that other commands find it.
 */
final class DevKafka implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);
    private static final int LAST_LINES = 12;

    private final Path directory;
    private final Process process;
    private final String bootstrapServers;

    private DevKafka(Path directory, Process process, String bootstrapServers) {
        this.directory = directory;
        this.process = process;
        this.bootstrapServers = bootstrapServers;
    }

    /** Where the node keeps everything. */
    static Path directory(Host host) {
        return host.stateHome().resolve("dev").resolve("kafka");
    }

    /** The address of the node that runs on this machine now. */
    static Optional<String> findRunning(Host host) {
        try {
            String[] words = Files.readString(marker(directory(host))).strip().split(" ");
            return ProcessHandle.of(Long.parseLong(words[0]))
                    .filter(ProcessHandle::isAlive)
                    .map(_ -> words[1]);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException | RuntimeException _) {
            // Half written, or not ours: as good as none.
            return Optional.empty();
        }
    }

    private static Path marker(Path directory) {
        return directory.resolve("running");
    }

    /** Starts it; returns when clients can connect. */
    static DevKafka start(Path fisoHome, Path directory, int port, List<String> settings)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path log = directory.resolve("node.log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx384m",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dfiso.kafkanode.endsWithInput=true",
                "-cp",
                classPath(fisoHome),
                "io.fiso.kafkanode.KafkaNode",
                directory.resolve("data").toString(),
                Integer.toString(port)));
        command.addAll(settings);
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        CompletableFuture<Optional<String>> ready = new CompletableFuture<>();
        // No virtual thread: one that reads a pipe keeps its carrier.
        Thread.ofPlatform().daemon().name("kafka-output").start(() -> readOutput(process, ready));
        try {
            Optional<String> address = ready.get(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            if (address.isPresent()) {
                Files.writeString(marker(directory), process.pid() + " " + address.get() + "\n");
                return new DevKafka(directory, process, address.get());
            }
        } catch (TimeoutException | ExecutionException _) {
            // Told below.
        }
        process.destroyForcibly().waitFor();
        throw new IOException("Kafka did not start; the last lines of " + log + ":\n" + lastLines(log));
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    String lastLines() throws IOException {
        return lastLines(directory.resolve("node.log"));
    }

    private static String lastLines(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }

    private static void readOutput(Process process, CompletableFuture<Optional<String>> ready) {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (@Nullable String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("READY ")) {
                    ready.complete(Optional.of(line.substring("READY ".length())));
                }
            }
        } catch (IOException _) {
            // The node is gone.
        }
        ready.complete(Optional.empty());
    }

    /** The jars by name: some lie with the node, the rest in the distribution's lib. */
    private static String classPath(Path fisoHome) throws IOException {
        Path kafka = fisoHome.resolve("dev").resolve("kafka");
        List<String> path = new ArrayList<>();
        for (String jar : Files.readAllLines(kafka.resolve("classpath"))) {
            Path own = kafka.resolve("lib").resolve(jar);
            path.add((Files.exists(own) ? own : fisoHome.resolve("lib").resolve(jar)).toString());
        }
        return String.join(":", path);
    }

    /** Stops it; after a while, kills it. */
    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(marker(directory));
    }

    /** Its address and process, for programs. */
    Map<String, @Nullable Object> data() {
        return io.fiso.cli.output.Format.map(
                "bootstrapServers", bootstrapServers, "pid", pid(), "directory", directory.toString());
    }
}
