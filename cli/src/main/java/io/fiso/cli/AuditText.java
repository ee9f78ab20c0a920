// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Format;
import io.fiso.cli.output.Table;
import io.fiso.cli.output.Terminal;
import io.fiso.proto.control.v1.AuditLine;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.stream.v1.FateCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The sums of a run for people and for programs. */
final class AuditText {
    private AuditText() {}

    /** Each line that does not hold, with its place. */
    static List<String> violations(AuditRunResponse audit) {
        return lines(audit)
                .filter(line -> !line.getViolation().isEmpty())
                .map(line -> line.getPlace() + ": " + line.getViolation())
                .toList();
    }

    private static Stream<AuditLine> lines(AuditRunResponse audit) {
        return Stream.concat(
                Stream.concat(audit.getSourcesList().stream(), audit.getEdgesList().stream()),
                Stream.of(audit.getTotal()));
    }

    static String summary(AuditRunResponse audit) {
        return audit.getRun().getPipeline() + ": " + RunText.sum(audit.getRun());
    }

    static String text(AuditRunResponse audit, Terminal terminal) {
        List<String> parts = new ArrayList<>();
        parts.add(RunText.paint(terminal.style(), audit.getRun()) + " "
                + terminal.style().bold(audit.getRun().getPipeline()) + "  run "
                + audit.getRun().getId());
        Table table = new Table(
                "PLACE",
                "ACCEPTED =",
                "DELIVERED",
                "DEAD-LETTERED",
                "FILTERED",
                "DROPPED",
                "ABSORBED",
                "IN FLIGHT",
                "COUNTED",
                "HOLDS");
        lines(audit).forEach(line -> row(table, line));
        parts.add(table.render(terminal.width()));
        String repeats = RunText.repeats(audit.getRun());
        if (!repeats.isEmpty()) {
            parts.add(repeats);
        }
        List<String> violations = violations(audit);
        parts.add(
                violations.isEmpty()
                        ? terminal.style().green("holds") + ": " + RunText.sums(audit.getRun())
                        : terminal.style().red("does not hold") + ":\n  " + String.join("\n  ", violations));
        return String.join("\n\n", parts);
    }

    private static void row(Table table, AuditLine line) {
        FateCounts fates = line.getFates();
        table.row(
                line.getPlace().replace("->", " → "),
                line.getAccepted(),
                fates.getDelivered(),
                fates.getFailed(),
                fates.getFiltered(),
                fates.getDropped(),
                fates.getAbsorbed(),
                line.getInFlight(),
                scope(line),
                line.getViolation().isEmpty() ? "yes" : "NO");
    }

    private static String scope(AuditLine line) {
        return line.getScope().isEmpty() ? "this run" : line.getScope();
    }

    static Map<String, @Nullable Object> data(AuditRunResponse audit) {
        return Format.map(
                "run",
                audit.getRun().getId(),
                "pipeline",
                audit.getRun().getPipeline(),
                "state",
                RunText.state(audit.getRun()),
                "holds",
                violations(audit).isEmpty(),
                "deduplicated",
                RunText.deduplicated(audit.getRun()),
                "sources",
                audit.getSourcesList().stream().map(AuditText::data).toList(),
                "edges",
                audit.getEdgesList().stream().map(AuditText::data).toList(),
                "total",
                data(audit.getTotal()));
    }

    private static Map<String, @Nullable Object> data(AuditLine line) {
        FateCounts fates = line.getFates();
        return Format.map(
                "place",
                line.getPlace(),
                "accepted",
                line.getAccepted(),
                "delivered",
                fates.getDelivered(),
                "deadLettered",
                fates.getFailed(),
                "filtered",
                fates.getFiltered(),
                "dropped",
                fates.getDropped(),
                "absorbed",
                fates.getAbsorbed(),
                "inFlight",
                line.getInFlight(),
                "scope",
                scope(line),
                "violation",
                line.getViolation());
    }
}
