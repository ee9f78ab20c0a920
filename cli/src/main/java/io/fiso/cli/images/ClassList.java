// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.images;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Which classes a start loads: what a cache of linked classes is made of. Found by a start on this machine, with the image's Java. A list that is too
 * short makes a component start slower and nothing else, so whatever goes wrong here is not a failure.
 */
final class ClassList {
    private static final Duration START_MAX = Duration.ofSeconds(30);
    /** From listening to having dialled the control plane, where nobody answers. */
    private static final Duration DIALLING = Duration.ofMillis(700);

    private static final Duration PAUSE = Duration.ofMillis(20);

    private ClassList() {}

    /** Starts a component without a control plane: it listens, dials, logs, and is told to end. Its config is never looked at. */
    static void ofComponent(TrimmedJava java, Path jar, Path list) throws IOException, InterruptedException {
        int port = freePort();
        Map<String, String> variables = Map.of(
                "FISO_CONTROL_PLANE", "127.0.0.1:1",
                "FISO_COMPONENT_ID", "list",
                "FISO_RUN_ID", "list",
                "FISO_TOKEN", "none",
                "FISO_STATE_DIR", list.resolveSibling("state").toString(),
                "FISO_HTTP_LISTEN", "127.0.0.1:" + port);
        Process process = start(java, variables, list, List.of("-jar", jar.toString()));
        try {
            long end = System.nanoTime() + START_MAX.toNanos();
            while (process.isAlive() && !listens(port) && System.nanoTime() < end) {
                Thread.sleep(PAUSE);
            }
            process.waitFor(DIALLING);
        } finally {
            end(process);
        }
    }

    /** A command of fisoctl that looks at everything and starts nothing. */
    static void ofFisoctl(TrimmedJava java, Path home, Path list) throws IOException, InterruptedException {
        Process process = start(
                java,
                Map.of(),
                list,
                List.of(
                        "-Dfiso.home=" + home,
                        "-Dfiso.aot.workout=true",
                        "-jar",
                        home.resolve("lib/fiso-cli.jar").toString()));
        try {
            process.waitFor(START_MAX);
        } finally {
            end(process);
        }
    }

    private static Process start(TrimmedJava java, Map<String, String> variables, Path list, List<String> program)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                java.java().toString(),
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xlog:disable",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:DumpLoadedClassList=" + list));
        command.addAll(program);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(new File(System.getProperty("java.io.tmpdir")))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(variables);
        return builder.start();
    }

    private static void end(Process process) throws InterruptedException, IOException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
