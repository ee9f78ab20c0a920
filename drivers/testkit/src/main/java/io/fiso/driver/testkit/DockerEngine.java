// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A real Docker engine for tests: the one that {@code DOCKER_HOST} or the usual socket leads to, or else one of its own, with everything it has in a
 * temporary directory, that ends with this JVM. One for all tests of a JVM. What it did not start it does not end.
 */
public final class DockerEngine {
    private static final Path SOCKET = Path.of("/var/run/docker.sock");
    private static final List<Path> DAEMONS = List.of(Path.of("/usr/sbin/dockerd"), Path.of("/usr/bin/dockerd"));
    private static final Duration START_MAX = Duration.ofSeconds(120);
    private static final Duration END_MAX = Duration.ofSeconds(60);
    private static final String UNIX = "unix://";

    private static Optional<Found> found = Optional.empty();

    private DockerEngine() {}

    /** What the search came to: an address, or the sentence that says why there is none. */
    private record Found(Optional<String> host, String missing) {}

    /**
     * The engine's address, as in {@code unix:///tmp/x/docker.sock}. Where there can be none, the test is skipped with a sentence that says what to
     * install; with {@code CI=true} in the environment it fails.
     */
    public static synchronized String host() {
        Found here = found.orElseGet(DockerEngine::find);
        found = Optional.of(here);
        if (here.host().isEmpty()) {
            missing(here.missing());
        }
        return here.host().orElseThrow();
    }

    /** Skips the test for want of something, or fails it under {@code CI=true}. */
    static void missing(String sentence) {
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(sentence);
        }
        Assumptions.abort(sentence);
    }

    /** Gives the engine an image whose one layer is this archive. */
    static void importImage(String name, Path tar) throws IOException {
        String host = host();
        if (!host.startsWith(UNIX)) {
            missing("images for tests are made through a Unix socket, and the Docker engine is at " + host);
        }
        int colon = name.lastIndexOf(':');
        String request = "POST /images/create?fromSrc=-&repo=" + name.substring(0, colon) + "&tag="
                + name.substring(colon + 1) + " HTTP/1.0\r\nHost: docker\r\nContent-Length: " + Files.size(tar)
                + "\r\n\r\n";
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket(host)))) {
            OutputStream out = Channels.newOutputStream(channel);
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            Files.copy(tar, out);
            String answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.contains("sha256:")) {
                throw new IOException("the Docker engine did not take the image " + name + ": " + answer);
            }
        }
    }

    private static Path socket(String host) {
        return Path.of(host.substring(UNIX.length()));
    }

    private static Found find() {
        String named = System.getenv("DOCKER_HOST");
        if (named != null && !named.isBlank()) {
            boolean answers = !named.startsWith(UNIX) || answers(socket(named));
            return answers
                    ? new Found(Optional.of(named), "")
                    : new Found(Optional.empty(), "DOCKER_HOST is " + named + ", and no Docker engine answers there");
        }
        if (answers(SOCKET)) {
            return new Found(Optional.of(UNIX + SOCKET), "");
        }
        Optional<Path> daemon = DAEMONS.stream().filter(Files::isExecutable).findFirst();
        if (daemon.isEmpty() || !"root".equals(System.getProperty("user.name"))) {
            return new Found(
                    Optional.empty(),
                    "no Docker engine answers at " + SOCKET + ", and none can be started here: "
                            + (daemon.isEmpty()
                                    ? "dockerd is not installed (Debian and Ubuntu: apt-get install docker.io iptables)"
                                    : "that takes root; start the service, or set DOCKER_HOST"));
        }
        try {
            return start(daemon.get());
        } catch (IOException e) {
            return new Found(Optional.empty(), daemon.get() + " cannot be started: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Found(Optional.empty(), "the start of " + daemon.get() + " was interrupted");
        }
    }

    private static Found start(Path daemon) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("fiso-docker-");
        Path socket = directory.resolve("docker.sock");
        Path log = directory.resolve("dockerd.log");
        // No default bridge: it would have to share its name and addresses with that of another engine. And no rules
        // for packets, which would outlive it.
        Process process = new ProcessBuilder(
                        daemon.toString(),
                        "--bridge=none",
                        "--iptables=false",
                        "--data-root=" + directory.resolve("data"),
                        "--exec-root=" + directory.resolve("exec"),
                        "--pidfile=" + directory.resolve("docker.pid"),
                        "--host=" + UNIX + socket)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> end(process, directory)));
        long deadline = System.nanoTime() + START_MAX.toNanos();
        while (!answers(socket)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                String said = Files.readString(log);
                return new Found(
                        Optional.empty(),
                        daemon + (process.isAlive() ? " does not answer" : " ended at once") + ": "
                                + said.substring(Math.max(0, said.length() - 1_000)));
            }
            Thread.sleep(50);
        }
        return new Found(Optional.of(UNIX + socket), "");
    }

    private static void end(Process process, Path directory) {
        process.destroy();
        try {
            if (!process.waitFor(END_MAX.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return;
            }
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException _) {
            // What is left lies in the temporary directory.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether an engine answers at this socket. */
    private static boolean answers(Path socket) {
        if (!Files.exists(socket)) {
            return false;
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            byte[] request = "GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            channel.write(ByteBuffer.wrap(request));
            ByteBuffer answer = ByteBuffer.allocate(64);
            while (answer.hasRemaining() && channel.read(answer) >= 0) {}
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII).contains(" 200 ");
        } catch (IOException _) {
            return false;
        }
    }
}
