// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Docker engine of the test's own: a private socket and directory and no bridge, so that it meets no other engine of the machine. Any engine lets nothing be
 * forwarded by default; where that was different before, it is afterwards too.
 * Needs dockerd and root; where either is missing the test is skipped, or fails in CI. All of its threads are the test's.
 */
final class PrivateDocker implements AutoCloseable {
    private static final Path DOCKERD = Path.of("/usr/sbin/dockerd");
    private static final Path DOCKER = Path.of("/usr/bin/docker");
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /** A socket's path has little room, and data under target/ would be found by every search. */
    private final Path directory;

    private final boolean forwarded;

    private Process daemon;

    private PrivateDocker(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        this.forwarded = packetRules("-S", "FORWARD").startsWith("-P FORWARD ACCEPT");
        this.daemon = launch();
    }

    private static String packetRules(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("iptables", "--wait", "10"));
        command.addAll(Arrays.asList(arguments));
        Process iptables = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(iptables.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        iptables.waitFor();
        return said;
    }

    /** How a command ended. */
    record Ended(int code, String out, String err) {
        /** What it said, which must be success. */
        String ok() {
            if (code != 0) {
                throw new AssertionError("docker: exit code " + code + "\n" + out + err);
            }
            return out.strip();
        }
    }

    static PrivateDocker start() throws Exception {
        boolean able = Files.isExecutable(DOCKERD)
                && Files.isExecutable(DOCKER)
                && "root".equals(System.getProperty("user.name"));
        if (!able && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("CI must have docker.io, and run as root");
        }
        assumeTrue(able, "this machine has no dockerd, or this is not root");
        PrivateDocker docker = new PrivateDocker(Files.createTempDirectory("fiso-docker"));
        try {
            docker.awaitAnswer();
        } catch (Throwable e) {
            docker.close();
            throw e;
        }
        return docker;
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(
                        DOCKERD.toString(),
                        "--data-root=" + directory.resolve("data"),
                        "--exec-root=" + directory.resolve("exec"),
                        "--pidfile=" + directory.resolve("pid"),
                        "--host=unix://" + directory.resolve("sock"),
                        "--bridge=none",
                        "--live-restore")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
    }

    private void awaitAnswer() throws Exception {
        Eventually.until(
                PATIENCE, () -> daemon.isAlive() && run("version").code() == 0, () -> "the engine answers: " + log());
    }

    /** Ends the engine, not its containers, and starts it again. */
    void restart() throws Exception {
        daemon.destroy();
        assertThat(daemon.waitFor(PATIENCE)).as("the engine ends: %s", log()).isTrue();
        daemon = launch();
        awaitAnswer();
    }

    /** The program. */
    Path program() {
        return DOCKER;
    }

    /** For DOCKER_HOST. */
    String host() {
        return "unix://" + directory.resolve("sock");
    }

    /** Runs a docker command to its end. */
    Ended run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(DOCKER.toString()));
        command.addAll(Arrays.asList(arguments));
        Path out = Files.createTempFile(directory, "docker", ".out");
        Path err = Files.createTempFile(directory, "docker", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("DOCKER_HOST", host());
        Process process = builder.start();
        if (!process.waitFor(PATIENCE)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end: " + Files.readString(out) + Files.readString(err));
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** Ends and removes all containers. */
    void removeContainers() throws IOException, InterruptedException {
        String containers = run("ps", "--all", "--quiet").out().strip();
        if (!containers.isEmpty()) {
            List<String> remove = new ArrayList<>(List.of("rm", "--force"));
            remove.addAll(containers.lines().toList());
            run(remove.toArray(String[]::new));
        }
    }

    private String log() {
        try {
            String log = Files.readString(directory.resolve("log"));
            return log.substring(Math.max(0, log.length() - 4000));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Ends it, its containers first, and leaves nothing. */
    @Override
    public void close() throws Exception {
        if (daemon.isAlive()) {
            removeContainers();
            daemon.destroy();
            if (!daemon.waitFor(60, TimeUnit.SECONDS)) {
                daemon.destroyForcibly().waitFor();
            }
        }
        // An engine that lets its containers live leaves its directory mounted on itself.
        new ProcessBuilder("umount", directory.resolve("data").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (forwarded) {
            packetRules("-P", "FORWARD", "ACCEPT");
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
