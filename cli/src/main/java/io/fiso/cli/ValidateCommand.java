// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.pipeline.Compilation;
import io.fiso.pipeline.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Are these files right? */
@Command(name = "validate", description = "Report every mistake in pipeline files, with line, column and remedy")
final class ValidateCommand extends Verb {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Pipeline files")
    List<Path> files = List.of();

    @Option(names = "--driver", description = "Validate for this driver instead of the file's own")
    @Nullable
    String driver;

    @Option(names = "--strict", description = "Take warnings for mistakes")
    boolean strict;

    ValidateCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() throws IOException {
        List<Problem> problems = new ArrayList<>();
        List<Object> results = new ArrayList<>();
        for (Path file : files) {
            Compilation compilation = PipelineFile.compile(host, PipelineFile.read(file), Optional.ofNullable(driver));
            problems.addAll(compilation.problems());
            results.add(Format.map(
                    "file",
                    file.toString(),
                    "valid",
                    compilation.errors().isEmpty(),
                    "errors",
                    compilation.errors().size(),
                    "warnings",
                    compilation.warnings().size()));
        }
        long errors = problems.stream().filter(p -> strict || p.isError()).count();
        if (errors > 0) {
            String where = files.size() == 1 ? "\"" + files.getFirst() + "\"" : files.size() + " files";
            Failure failure = Failure.ofProblems(
                    "pipeline.invalid", where + " has " + PipelineFile.count(errors, "mistake"), problems);
            return Answer.failed(failure, Format.map("files", results), "");
        }
        String summary = files.stream().map(Path::toString).collect(Collectors.joining(", "))
                + (files.size() == 1 ? " is valid" : " are valid");
        String warnings = problems.stream().map(p -> p.render() + "\n\n").collect(Collectors.joining());
        return Answer.ok(
                summary,
                Format.map(
                        "files",
                        results,
                        "warnings",
                        problems.stream().map(Failure::data).toList()),
                warnings + terminal().style().green("✓") + " " + summary);
    }
}
