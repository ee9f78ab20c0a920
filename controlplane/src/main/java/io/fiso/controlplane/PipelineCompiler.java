// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.pipeline.Compilation;
import io.fiso.pipeline.ComponentCatalog;
import io.fiso.pipeline.Environment;
import io.fiso.pipeline.Problem;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.pipeline.SourceText;
import java.util.List;
import java.util.Optional;

/** Turns what the user wrote into what runs. Called once per start of a run, on any thread; may block. */
@FunctionalInterface
public interface PipelineCompiler {
    /**
     * Parses, validates and resolves.
     *
     * @param yaml the document
     * @param file the name of the file it came from, for messages; relative paths in it are resolved against that file's directory
     * @param driver overrides {@code spec.driver} if present
     * @throws InvalidPipelineException with every problem at once
     */
    ResolvedPipeline compile(String yaml, String file, Optional<String> driver) throws InvalidPipelineException;

    /** The compiler of {@code pipeline/}, with these components and this environment. */
    static PipelineCompiler using(ComponentCatalog catalog, Environment environment) {
        return (yaml, file, driver) -> {
            Compilation compilation = io.fiso.pipeline.PipelineCompiler.compile(
                    SourceText.of(file, yaml),
                    catalog,
                    environment,
                    new io.fiso.pipeline.PipelineCompiler.Options(driver));
            return compilation
                    .pipeline()
                    .orElseThrow(() -> new InvalidPipelineException(
                            compilation.errors().stream().map(Problem::render).toList()));
        };
    }

    /** The pipeline cannot be run as written. */
    final class InvalidPipelineException extends Exception {
        private static final long serialVersionUID = 1;
        private final List<String> problems;

        public InvalidPipelineException(List<String> problems) {
            super(String.join("\n", problems));
            this.problems = List.copyOf(problems);
        }

        /** One text per problem: place, cause, remedy. */
        public List<String> problems() {
            return problems;
        }
    }
}
