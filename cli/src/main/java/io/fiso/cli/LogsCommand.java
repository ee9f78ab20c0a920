// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What components wrote. */
@Command(name = "logs", description = "Show the logs of a run's components")
final class LogsCommand extends Verb {
    private static final Duration POLL = Duration.ofMillis(200);

    @Parameters(
            arity = "0..1",
            paramLabel = "RUN|PIPELINE",
            description = "A run's id or its beginning, or a pipeline (default: the newest run)")
    @Nullable
    String wanted;

    @Option(
            names = {"--component", "--service"},
            paramLabel = "ID",
            description = "Only this component")
    @Nullable
    String component;

    @Option(
            names = "--tail",
            paramLabel = "N",
            defaultValue = "100",
            description = "The last N lines of each component (default: 100)")
    int tail;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with new lines until the run ends or Ctrl-C")
    boolean follow;

    LogsCommand(Host host) {
        super(host);
    }

    @Override
    boolean streams() {
        return follow;
    }

    private record Log(String component, Path file) {}

    @Override
    Answer answer() throws IOException, InterruptedException {
        KnownRuns known = new KnownRuns(host);
        Run run = newest(known);
        List<Log> logs = logs(known.logs(run), run);
        List<Object> results = new ArrayList<>();
        List<FileFollower> followers = new ArrayList<>();
        for (Log log : logs) {
            long size = Files.size(log.file());
            Deque<String> last = last(log.file());
            last.forEach(line -> results.add(Format.map("component", log.component(), "line", line)));
            if (isText() || follow) {
                last.forEach(line -> show(log, line, logs.size() > 1));
            }
            followers.add(new FileFollower(log.file(), size));
        }
        terminal().out().flush();
        if (follow) {
            follow(known, run, logs, followers);
        }
        return Answer.ok(
                PipelineFile.count(results.size(), "line"),
                Format.map("run", run.getId(), "pipeline", run.getPipeline(), "lines", follow ? List.of() : results),
                "");
    }

    private Run newest(KnownRuns known) throws IOException {
        if (wanted != null) {
            return known.find(wanted);
        }
        return known.all().stream()
                .findFirst()
                .orElseThrow(() -> new CommandException(Failure.invalid(
                        "run.not_found", "no pipeline has run on this machine yet", "start one: fisoctl run FILE")));
    }

    private List<Log> logs(Path directory, Run run) throws IOException {
        List<Log> logs = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                files.filter(file -> file.toString().endsWith(".log")).sorted().forEach(file -> {
                    String name = file.getFileName().toString();
                    String instance = name.substring(0, name.length() - ".log".length());
                    logs.add(new Log(instance.replaceFirst("-0$", "").replaceFirst("-(\\d+)$", "/$1"), file));
                });
            }
        }
        if (component == null) {
            if (logs.isEmpty()) {
                throw new CommandException(
                        Failure.environment("logs.gone", "run " + run.getId() + " has no logs in " + directory, ""));
            }
            return logs;
        }
        List<Log> chosen = logs.stream()
                .filter(log ->
                        log.component().equals(component) || log.component().startsWith(component + "/"))
                .toList();
        if (chosen.isEmpty()) {
            List<String> ids = logs.stream().map(Log::component).toList();
            List<String> nearest = Spelling.nearest(component, ids);
            throw new CommandException(Failure.invalid(
                    "component.unknown",
                    "run " + run.getId() + " has no component \"" + component + "\"",
                    nearest.isEmpty()
                            ? "it has " + String.join(", ", ids)
                            : "did you mean " + nearest.getFirst() + "?"));
        }
        return chosen;
    }

    private Deque<String> last(Path file) throws IOException {
        Deque<String> last = new ArrayDeque<>();
        try (Stream<String> lines = new java.io.BufferedReader(new java.io.InputStreamReader(
                        Files.newInputStream(file), java.nio.charset.StandardCharsets.UTF_8))
                .lines()) {
            lines.forEach(line -> {
                last.addLast(line);
                if (last.size() > tail) {
                    last.removeFirst();
                }
            });
        }
        return last;
    }

    private void follow(KnownRuns known, Run run, List<Log> logs, List<FileFollower> followers)
            throws IOException, InterruptedException {
        StopSignals signals = StopSignals.install(() -> {});
        boolean ended = RunText.isFinal(run);
        while (!signals.await(POLL)) {
            int lines = 0;
            for (int i = 0; i < logs.size(); i++) {
                Log log = logs.get(i);
                lines += followers.get(i).poll(line -> show(log, line, logs.size() > 1));
            }
            terminal().out().flush();
            if (ended && lines == 0) {
                return;
            }
            ended = ended || known.controlPlaneOf(run).isEmpty();
        }
    }

    private void show(Log log, String line, boolean named) {
        if (isText()) {
            terminal().out().println(named ? terminal().style().dim(log.component() + " |") + " " + line : line);
        } else if (follow) {
            terminal()
                    .out()
                    .println(Format.compact(Format.map("event", "line", "component", log.component(), "line", line)));
        }
    }
}
