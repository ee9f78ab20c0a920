// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Style;
import io.fiso.pipeline.ComponentCatalog;
import io.fiso.pipeline.Environment;
import io.fiso.pipeline.PipelineTest;
import io.fiso.pipeline.PipelineTestCompiler;
import io.fiso.pipeline.PipelineTests;
import io.fiso.pipeline.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Do pipelines do what their tests say? */
@Command(
        name = "test",
        description = "Run the tests of pipelines: given events in, expected events and dead letters out",
        footer = {
            "",
            "A test runs its pipeline for real, but for its ends: sources emit what the test gives, sinks collect. Nothing outside is called.",
            "Exit codes: 0 all passed, 1 a test failed, 2 an invalid test file or pipeline, 130/143 stopped by a signal."
        })
final class TestCommand extends Verb {
    @Parameters(
            arity = "0..*",
            paramLabel = "FILE|DIR",
            description = "Test files, or directories to look for *.test.yaml in (default: the current directory)")
    List<Path> named = List.of();

    @Option(
            names = "--filter",
            paramLabel = "TEXT",
            description = "Only tests with this in their name, in whatever case")
    @Nullable
    String filter;

    @Option(names = "--keep", description = "Keep the directory of a test that failed, with the logs of its components")
    boolean keep;

    @Option(names = "--junit", paramLabel = "FILE", description = "Write a report in JUnit's XML format too")
    @Nullable
    Path junit;

    TestCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() throws IOException, InterruptedException {
        long began = System.nanoTime();
        List<PipelineTests> files = compile(TestFiles.of(named.isEmpty() ? List.of(Path.of("")) : named));
        TestRun runner = new TestRun(host, keep);
        StopSignals signals = StopSignals.install(runner::kill);
        List<TestReport> reports = new ArrayList<>();
        for (PipelineTests file : files) {
            List<PipelineTest> tests =
                    file.tests().stream().filter(this::wanted).toList();
            if (!tests.isEmpty() && !signals.stopRequested()) {
                tell(terminal().style().bold(file.file()));
            }
            for (PipelineTest test : tests) {
                if (signals.stopRequested()) {
                    break;
                }
                TestRun.Outcome outcome = runner.of(file, test, signals);
                if (!outcome.interrupted()) {
                    TestReport report = new TestReport(file, test, outcome);
                    reports.add(report);
                    tell(report.text(terminal().style()));
                }
            }
        }
        if (junit != null) {
            JunitReport.write(junit, reports);
        }
        return conclude(files, reports, Duration.ofNanos(System.nanoTime() - began), signals);
    }

    private void tell(String text) {
        if (isText()) {
            terminal().out().println(text);
            terminal().out().flush();
        }
    }

    private boolean wanted(PipelineTest test) {
        return filter == null || test.name().toLowerCase(Locale.ROOT).contains(filter.toLowerCase(Locale.ROOT));
    }

    /** Every mistake of every file at once, before anything starts. */
    private List<PipelineTests> compile(List<Path> files) throws IOException {
        Environment environment = PipelineFile.environment(host);
        ComponentCatalog catalog = ComponentCatalog.load(environment);
        List<PipelineTests> compiled = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (Path file : files) {
            PipelineTestCompiler.Result result =
                    PipelineTestCompiler.compile(PipelineFile.read(file), catalog, environment);
            problems.addAll(result.problems());
            result.tests().ifPresent(compiled::add);
        }
        List<Problem> distinct = problems.stream().distinct().toList();
        if (!distinct.isEmpty()) {
            String where = files.size() == 1 ? "\"" + files.getFirst() + "\" has " : files.size() + " test files have ";
            throw new CommandException(Failure.ofProblems(
                    "test.invalid", where + PipelineFile.count(distinct.size(), "mistake"), distinct));
        }
        if (compiled.stream().flatMap(file -> file.tests().stream()).noneMatch(this::wanted)) {
            throw new CommandException(Failure.invalid(
                    "test.none", "no test has \"" + filter + "\" in its name", "without --filter all of them run"));
        }
        return compiled;
    }

    private Answer conclude(List<PipelineTests> files, List<TestReport> reports, Duration took, StopSignals signals) {
        long failed = reports.stream().filter(report -> !report.passed()).count();
        long wanted = files.stream()
                .flatMap(file -> file.tests().stream())
                .filter(this::wanted)
                .count();
        Object result = Format.map(
                "passed",
                reports.size() - failed,
                "failed",
                failed,
                "notRun",
                wanted - reports.size(),
                "durationMillis",
                took.toMillis(),
                "tests",
                reports.stream().map(TestReport::data).toList());
        Style style = terminal().style();
        if (signals.stopRequested() && reports.size() < wanted) {
            return Answer.failed(
                    new Failure(
                            "test.interrupted",
                            Problem.Owner.USER,
                            signals.exit(),
                            "stopped by a signal; " + (wanted - reports.size()) + " of "
                                    + PipelineFile.count(wanted, "test") + " did not run to the end",
                            "",
                            List.of()),
                    result,
                    "");
        }
        String time = " in " + Durations.show(took);
        if (failed > 0) {
            return Answer.failed(
                    new Failure(
                            "test.failed",
                            Problem.Owner.USER,
                            io.fiso.cli.output.ExitCode.FAILED,
                            failed + " of " + PipelineFile.count(wanted, "test") + " failed" + time,
                            "",
                            List.of()),
                    result,
                    "");
        }
        String summary = PipelineFile.count(wanted, "test") + " passed" + time;
        return Answer.ok(summary, result, style.green("✓") + " " + summary);
    }
}
