// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import io.fiso.pipeline.PlanView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What would run. */
@Command(
        name = "plan",
        description = "Show what a file would run: the graph, every resolved setting, warnings. Starts nothing")
final class PlanCommand extends Verb {
    @Parameters(paramLabel = "FILE", description = "A pipeline file")
    @Nullable
    Path file;

    @Option(names = "--driver", description = "Plan for this driver instead of the file's own")
    @Nullable
    String driver;

    PlanCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() throws IOException {
        PipelineFile loaded =
                PipelineFile.load(host, java.util.Objects.requireNonNull(file), Optional.ofNullable(driver));
        String summary = "pipeline \"" + loaded.pipeline().name() + "\": "
                + PipelineFile.count(loaded.pipeline().components().size(), "component") + ", "
                + PipelineFile.count(loaded.pipeline().edges().size(), "edge") + ", driver "
                + loaded.pipeline().driver();
        if (isText()) {
            return Answer.ok(summary, null, PlanView.text(loaded.pipeline(), loaded.problems()));
        }
        return Answer.ok(summary, Format.parse(PlanView.json(loaded.pipeline(), loaded.problems())), "");
    }
}
