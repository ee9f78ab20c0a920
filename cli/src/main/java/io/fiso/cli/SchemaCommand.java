// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import io.fiso.pipeline.PipelineCompiler;
import io.fiso.pipeline.PipelineTestCompiler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** For editors. */
@Command(name = "schema", description = "Print the JSON Schema of pipeline files, or of their tests")
final class SchemaCommand extends Verb {
    @Option(
            names = "--kind",
            paramLabel = "KIND",
            defaultValue = "Pipeline",
            description = "Pipeline (which FlowDefinition is part of) or PipelineTest (default: Pipeline)")
    Kind kind = Kind.Pipeline;

    /** As files name it. */
    enum Kind {
        Pipeline,
        PipelineTest
    }

    SchemaCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() {
        String schema = kind == Kind.Pipeline ? PipelineCompiler.schema() : PipelineTestCompiler.schema();
        return Answer.ok(
                "JSON Schema of " + (kind == Kind.Pipeline ? "pipeline files" : "pipeline tests"),
                isText() ? null : Format.parse(schema),
                schema.stripTrailing());
    }
}
