// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.client.BrokerFailure;
import io.fiso.broker.client.RunningBroker;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.proto.broker.v1.ListResourcesRequest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The broker that keeps its data in one directory, of which there is at most one: where it runs, and a way to have one. Safe for use by any thread. */
final class LocalBroker {
    /** What a broker that was started in the background prints, in its directory. */
    static final String LOG = "broker.log";

    private static final Duration START_MAX = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(50);
    /** Between two starts, while another process has the directory and does not answer: it ends, or has just begun. */
    private static final Duration RETRY = Duration.ofSeconds(1);

    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);
    private static final String UNTIL_IDLE = "30s";
    private static final long LOG_BYTES_MAX = 1 << 20;
    private static final int TAIL_BYTES_MAX = 4096;
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private final Path directory;
    private final Supplier<List<String>> fisoctl;

    /** That of the state home. */
    LocalBroker(Host host) {
        this(
                host.stateHome().resolve("broker"),
                () -> List.of(host.fisoHome().resolve("bin").resolve("fisoctl").toString()));
    }

    /** @param fisoctl how fisoctl is started, without arguments */
    LocalBroker(Path directory, Supplier<List<String>> fisoctl) {
        this.directory = directory;
        this.fisoctl = fisoctl;
    }

    Path directory() {
        return directory;
    }

    /** The one that runs and says so. */
    Optional<RunningBroker> find() {
        return RunningBroker.find(directory);
    }

    /**
     * The one that runs and answers; if there is none, one is started. It is a process of its own in a session of its own, outlives this one, and ends
     * by itself when nobody has been connected for 30 s. Whoever calls this at the same time, in this process or another, gets the same one.
     *
     * @throws CommandException exit code 3, if it does not answer within 30 s
     */
    RunningBroker findOrStart() throws InterruptedException {
        long deadline = System.nanoTime() + START_MAX.toNanos();
        Started started = null;
        long nextStart = System.nanoTime();
        while (true) {
            Optional<RunningBroker> found = find().filter(LocalBroker::answers);
            if (found.isPresent()) {
                return found.get();
            }
            if (started != null && !started.process.isAlive()) {
                // Whoever has the directory will say where it is, or leave it.
                if (!started.wasTooLate()) {
                    throw notStarted(started);
                }
                started = null;
                nextStart = System.nanoTime() + RETRY.toNanos();
            }
            if (System.nanoTime() - deadline > 0) {
                throw notStarted(started);
            }
            if (started == null && System.nanoTime() - nextStart >= 0) {
                started = start();
            }
            if (started == null) {
                Thread.sleep(POLL);
            } else {
                started.process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
    }

    private static boolean answers(RunningBroker broker) {
        try (BrokerConnection connection = BrokerConnection.to(broker.address())) {
            connection.call(() -> connection
                    .resources()
                    .withDeadlineAfter(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS)
                    .listResources(ListResourcesRequest.newBuilder()
                            .setParent("default/default")
                            .build()));
            return true;
        } catch (BrokerFailure _) {
            return false;
        }
    }

    private Started start() {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            // So that Ctrl-C in the terminal is not for it.
            command.add(SETSID.toString());
        }
        command.addAll(fisoctl.get());
        command.addAll(List.of("broker", "--data", directory.toString(), "--port", "0", "--http-port", "0"));
        command.addAll(List.of("--until-idle", UNTIL_IDLE));
        try {
            Path log = log();
            long from = Files.size(log);
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(Redirect.appendTo(log.toFile()))
                    .redirectError(Redirect.appendTo(log.toFile()))
                    .start();
            return new Started(process, log, from);
        } catch (IOException e) {
            throw new CommandException(
                    Failure.environment("broker.not_started", "the broker cannot be started: " + Verb.describe(e), ""),
                    e);
        }
    }

    /** It exists, for its owner's eyes alone as all that lies beside it. */
    private Path log() throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path log = directory.resolve(LOG);
        if (Files.exists(log) && Files.size(log) > LOG_BYTES_MAX) {
            Files.delete(log);
        }
        try {
            Files.createFile(log, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (java.nio.file.FileAlreadyExistsException _) {
            // From before, or of another that starts one just now.
        }
        return log;
    }

    private CommandException notStarted(@Nullable Started started) {
        String log = directory.resolve(LOG).toString();
        String said = started == null ? "" : started.said().strip();
        boolean ended = started != null && !started.process.isAlive();
        return new CommandException(Failure.environment(
                "broker.not_started",
                (ended
                                ? "the broker that was started in " + directory + " has ended"
                                : "no broker answers in " + directory + " after " + Durations.show(START_MAX))
                        + (said.isEmpty() ? "" : "; it said:\n" + said),
                "\"fisoctl broker\" in a terminal shows what is wrong; what it said in the background is in " + log));
    }

    /** @param from where in the log it began; others may write there at the same time */
    private record Started(Process process, Path log, long from) {
        /** It ended because another has the directory. */
        boolean wasTooLate() {
            return said().contains("error[broker.store_in_use]");
        }

        String said() {
            try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
                long begin = Math.max(Math.min(from, file.length()), file.length() - TAIL_BYTES_MAX);
                byte[] bytes = new byte[Math.toIntExact(file.length() - begin)];
                file.seek(begin);
                file.readFully(bytes);
                return new String(bytes, StandardCharsets.UTF_8);
            } catch (IOException _) {
                return "";
            }
        }
    }
}
