// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.pipeline.Problem;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Whether nothing is lost. */
@Command(
        name = "audit",
        description = {
            "Add up what became of every event of a run, per source partition, per edge and in total.",
            "Exits with 1 when a sum does not hold."
        })
final class AuditCommand extends Verb {
    @Parameters(
            arity = "0..1",
            paramLabel = "RUN|PIPELINE",
            description = "This run, ended or not; without it every active one, or the last one if none is")
    @Nullable
    String wanted;

    AuditCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() throws IOException {
        KnownRuns known = new KnownRuns(host);
        List<Run> runs = wanted == null ? runsOf(known) : List.of(known.find(wanted));
        List<AuditRunResponse> audits = runs.stream().map(known::audit).toList();
        String text = audits.isEmpty()
                ? "nothing has run here yet"
                : audits.stream()
                        .map(audit -> AuditText.text(audit, terminal()))
                        .collect(Collectors.joining("\n\n"));
        List<String> violated = audits.stream()
                .flatMap(audit -> AuditText.violations(audit).stream())
                .toList();
        Map<String, @Nullable Object> data =
                Format.map("audits", audits.stream().map(AuditText::data).toList());
        if (violated.isEmpty()) {
            String summary = audits.stream().map(AuditText::summary).collect(Collectors.joining("; "));
            return Answer.ok(summary.isEmpty() ? text : summary, data, text);
        }
        return Answer.failed(
                Failure.failed(
                        "audit.violated",
                        Problem.Owner.INTERNAL,
                        "the sums do not hold: " + String.join("; ", violated),
                        "events may have been lost or counted twice at that place; keep its logs (\"fisoctl logs\") and report it"),
                data,
                text);
    }

    private static List<Run> runsOf(KnownRuns known) throws IOException {
        List<Run> active = known.active();
        return active.isEmpty() ? known.all().stream().limit(1).toList() : active;
    }
}
