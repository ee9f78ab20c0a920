// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Format;
import io.fiso.cli.output.Style;
import io.fiso.pipeline.PipelineTest;
import io.fiso.pipeline.PipelineTests;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a test went, for people and for programs. */
record TestReport(PipelineTests file, PipelineTest test, TestRun.Outcome outcome) {
    boolean passed() {
        return outcome.passed();
    }

    /** A line for the test, and below it one for each finding, with its place in the test file. */
    String text(Style style) {
        String line = (passed() ? style.green("✓") : style.red("✗")) + " " + test.name() + "  "
                + style.dim(Durations.show(outcome.took()));
        return "  " + line + findings("\n      ", "\n        ");
    }

    /** The findings alone. */
    String findings() {
        return findings("\n", "\n  ").strip();
    }

    private String findings(String before, String within) {
        return outcome.findings().stream()
                .map(finding ->
                        before + place(finding) + ": " + finding.message().replace("\n", within))
                .collect(Collectors.joining());
    }

    private String place(Finding finding) {
        return file.file() + ":" + finding.line();
    }

    Map<String, @Nullable Object> data() {
        return Format.map(
                "file",
                file.file(),
                "pipeline",
                file.source().file(),
                "name",
                test.name(),
                "line",
                test.line(),
                "passed",
                passed(),
                "durationMillis",
                outcome.took().toMillis(),
                "findings",
                outcome.findings().stream()
                        .map(finding -> Format.map("line", finding.line(), "message", finding.message()))
                        .toList());
    }
}
