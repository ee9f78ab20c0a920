// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.pipeline.Compilation;
import io.fiso.pipeline.ComponentCatalog;
import io.fiso.pipeline.Environment;
import io.fiso.pipeline.PipelineCompiler;
import io.fiso.pipeline.Problem;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.pipeline.SourceText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A file that was compiled without an error.
 *
 * @param source what was read
 * @param problems warnings only
 */
record PipelineFile(SourceText source, ResolvedPipeline pipeline, List<Problem> problems) {
    /** Reads and compiles; every mistake of the file at once is the failure. */
    static PipelineFile load(Host host, Path file, Optional<String> driver) throws IOException {
        SourceText source = read(file);
        Compilation compilation = compile(host, source, driver);
        ResolvedPipeline pipeline = compilation.pipeline().orElseThrow(() -> invalid(file, compilation));
        return new PipelineFile(source, pipeline, compilation.warnings());
    }

    static SourceText read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new CommandException(Failure.invalid(
                    "pipeline.no_file", "there is no file \"" + file + "\"" + near(file), "check the path"));
        }
        if (Files.isDirectory(file)) {
            throw new CommandException(
                    Failure.invalid("pipeline.no_file", "\"" + file + "\" is a directory", "name one file in it"));
        }
        return SourceText.read(file);
    }

    static Compilation compile(Host host, SourceText source, Optional<String> driver) {
        Environment environment = environment(host);
        return PipelineCompiler.compile(
                source, ComponentCatalog.load(environment), environment, new PipelineCompiler.Options(driver));
    }

    /** Compiles what a control plane is sent, with the components and variables of this process. */
    static io.fiso.controlplane.PipelineCompiler compiler(Host host) {
        return (yaml, name, driver) -> {
            Compilation compilation = compile(host, SourceText.of(name, yaml), driver);
            if (compilation.pipeline().isEmpty()) {
                throw new io.fiso.controlplane.PipelineCompiler.InvalidPipelineException(
                        compilation.errors().stream().map(Problem::render).toList());
            }
            return compilation.pipeline().get();
        };
    }

    /** The variables, FISO_HOME always among them. */
    static Environment environment(Host host) {
        Map<String, String> variables = new HashMap<>(host.variables());
        variables.put("FISO_HOME", host.fisoHome().toString());
        return Environment.of(variables);
    }

    private static CommandException invalid(Path file, Compilation compilation) {
        int errors = compilation.errors().size();
        return new CommandException(Failure.ofProblems(
                "pipeline.invalid",
                "\"" + file + "\" has " + count(errors, "mistake")
                        + (compilation.warnings().isEmpty()
                                ? ""
                                : " and " + count(compilation.warnings().size(), "warning")),
                compilation.problems()));
    }

    static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String near(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            return "";
        }
        try (var siblings = Files.list(directory)) {
            List<String> names = siblings.map(p -> p.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml") || name.endsWith(".yml"))
                    .sorted()
                    .toList();
            List<String> nearest = Spelling.nearest(file.getFileName().toString(), names);
            return nearest.isEmpty() ? "" : "; did you mean \"" + nearest.getFirst() + "\"?";
        }
    }
}
