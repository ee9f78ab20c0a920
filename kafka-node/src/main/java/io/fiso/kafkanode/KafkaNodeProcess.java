// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafkanode;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A {@link KafkaNode} as a child process: started, killed and started again on the same data and port. The child gets this process's class
 * path; its log is {@code node.log} beside the data.
 */
public final class KafkaNodeProcess implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    private final Path directory;
    private final int port;
    private final List<String> settings;
    private Process process;

    private KafkaNodeProcess(Path directory, int port, List<String> settings) throws IOException {
        this.directory = directory;
        this.port = port;
        this.settings = settings;
        this.process = launch();
    }

    /** Starts a node on a free port with its data under this directory; returns when it takes clients. */
    public static KafkaNodeProcess start(Path directory, String... settings) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = socket.getLocalPort();
            socket.close();
            return start(directory, port, settings);
        }
    }

    /** Starts a node on this port. */
    public static KafkaNodeProcess start(Path directory, int port, String... settings) throws IOException {
        return new KafkaNodeProcess(directory, port, List.of(settings));
    }

    /** Where clients connect. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** The operating system's handle of the node. */
    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** Ends the node without a word. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Starts the node again after {@link #kill}. */
    public void restart() throws IOException, InterruptedException {
        if (process.isAlive()) {
            kill();
        }
        process = launch();
    }

    /** Stops the node; after ten seconds, kills it. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private Process launch() throws IOException {
        Files.createDirectories(directory);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx384m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                KafkaNode.class.getName(),
                directory.resolve("data").toString(),
                Integer.toString(port)));
        command.addAll(settings);
        File log = directory.resolve("node.log").toFile();
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log))
                .start();
        // A parent that dies without closing must not leave the node behind; a parent that is killed cannot help it.
        Runtime.getRuntime().addShutdownHook(new Thread(child::destroyForcibly));
        awaitReady(child, log);
        return child;
    }

    private static void awaitReady(Process child, File log) throws IOException {
        Thread watchdog = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(START_TIMEOUT);
                child.destroyForcibly();
            } catch (InterruptedException _) {
                // Ready in time.
            }
        });
        BufferedReader output = child.inputReader(StandardCharsets.UTF_8);
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("READY ")) {
                    // No virtual thread: one that reads a pipe keeps its carrier.
                    Thread.ofPlatform().daemon().name("kafka-output").start(() -> drain(output));
                    return;
                }
            }
        } finally {
            watchdog.interrupt();
        }
        throw new IOException("Kafka did not start within " + START_TIMEOUT.toSeconds() + " s; see " + log);
    }

    private static void drain(BufferedReader output) {
        try (output) {
            output.transferTo(java.io.Writer.nullWriter());
        } catch (IOException _) {
            // The node is gone.
        }
    }
}
