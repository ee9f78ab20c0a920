// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.images;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.pipeline.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The docker program: asked by its command line, so that contexts, credentials and engines of the user's hold.
 *
 * @param program its name in PATH, or its path
 */
public record DockerProgram(String program) {
    private static final Duration QUICK = Duration.ofSeconds(60);
    private static final int LAST_LINES = 20;

    /** How a call of it ended: exit code, stdout and stderr. */
    public record Ended(int code, List<String> out, List<String> err) {
        /** It worked. */
        public boolean ok() {
            return code == 0;
        }

        /** The end of what it said, for messages. */
        public String lastLines() {
            List<String> all = new ArrayList<>(out);
            all.addAll(err);
            all.removeIf(String::isBlank);
            return String.join("\n", all.subList(Math.max(0, all.size() - LAST_LINES), all.size()));
        }
    }

    /**
     * Makes sure that it is there, that an engine answers, and that this user may use it.
     *
     * @throws CommandException exit code 3, with what to do
     */
    public void require() throws IOException, InterruptedException {
        Ended ended = run(List.of("version", "--format", "{{.Server.Version}}"), QUICK);
        if (ended.ok()) {
            return;
        }
        String said = ended.lastLines();
        if (said.toLowerCase(Locale.ROOT).contains("permission denied")) {
            throw new CommandException(
                    Failure.environment(
                            "images.docker_denied",
                            "the docker engine may not be used by this user: " + said,
                            "become a member of the group \"docker\" and log in again, or let DOCKER_HOST name an engine of your own"));
        }
        throw new CommandException(Failure.environment(
                "images.docker_not_running",
                "no docker engine answers: " + said,
                "start it (systemctl start docker), or let DOCKER_HOST say where one is"));
    }

    /** Whether this image is here. */
    public boolean has(String image) throws IOException, InterruptedException {
        return run(List.of("image", "inspect", "--format", "{{.Id}}", image), QUICK)
                .ok();
    }

    /**
     * Runs it to its end. What it says goes through files: no thread has to read along.
     *
     * @throws CommandException exit code 3 if there is no such program, 1 if it does not end in time
     */
    public Ended run(List<String> arguments, Duration limit) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(arguments);
        return run(new ProcessBuilder(command), program, limit);
    }

    private static Ended run(ProcessBuilder builder, String program, Duration limit)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("fiso-docker", ".out");
        Path err = Files.createTempFile("fiso-docker", ".err");
        try {
            Process process = start(
                    builder.redirectInput(Path.of("/dev/null").toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile()),
                    program);
            try {
                if (!process.waitFor(limit)) {
                    throw new CommandException(Failure.failed(
                            "images.docker_too_slow",
                            Problem.Owner.EXTERNAL,
                            "\"" + String.join(" ", builder.command()) + "\" did not end within " + limit.toSeconds()
                                    + " s",
                            "see whether the docker engine is well"));
                }
            } finally {
                process.destroy();
            }
            return new Ended(process.exitValue(), lines(out), lines(err));
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }

    private static Process start(ProcessBuilder builder, String program) {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new CommandException(
                    Failure.environment(
                            "images.no_docker",
                            "there is no program \"" + program + "\" to build images with",
                            "install Docker (Debian: apt-get install docker.io), or name the program with --docker or DOCKER"),
                    e);
        }
    }

    private static List<String> lines(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }
}
