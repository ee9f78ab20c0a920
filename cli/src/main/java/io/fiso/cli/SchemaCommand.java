// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import io.fiso.pipeline.PipelineCompiler;
import picocli.CommandLine.Command;

/** For editors. */
@Command(name = "schema", description = "Print the JSON Schema of pipeline files")
final class SchemaCommand extends Verb {
    SchemaCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() {
        String schema = PipelineCompiler.schema();
        return Answer.ok(
                "JSON Schema of pipeline files", isText() ? null : Format.parse(schema), schema.stripTrailing());
    }
}
