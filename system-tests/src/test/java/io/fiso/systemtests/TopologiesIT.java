// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The shapes a graph can have; each counted on every edge, and at the far end. */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class TopologiesIT {
    private static final long EVENTS = 3000;
    private static final String COUNT = "{count: " + EVENTS + "}";

    @Test
    void linear(Sandbox sandbox) throws Exception {
        RunReport report = sandbox.complete(PipelineFile.named("linear")
                .source("made", "generator-source", COUNT)
                .processor(
                        "priced", "cel-processor", "{fields: {n: data.n, total: data.price * data.quantity}}", "made")
                .sink("kept", "file-sink", out(sandbox, "kept"), "priced"));

        expect(report, EVENTS, Map.of("made->priced", EVENTS, "priced->kept", EVENTS));
        assertThat(lines(sandbox, "kept")).isEqualTo(EVENTS);
    }

    @Test
    void sourceToSink(Sandbox sandbox) throws Exception {
        RunReport report = sandbox.complete(PipelineFile.named("direct")
                .source("made", "generator-source", COUNT)
                .sink("kept", "file-sink", out(sandbox, "kept"), "made"));

        expect(report, EVENTS, Map.of("made->kept", EVENTS));
        assertThat(lines(sandbox, "kept")).isEqualTo(EVENTS);
    }

    @Test
    void fanOut(Sandbox sandbox) throws Exception {
        RunReport report = sandbox.complete(PipelineFile.named("fan-out")
                .source("made", "generator-source", COUNT)
                .sink("one", "file-sink", out(sandbox, "one"), "made")
                .sink("two", "null-sink", "{}", "made"));

        expect(report, EVENTS, Map.of("made->one", EVENTS, "made->two", EVENTS));
        assertThat(lines(sandbox, "one")).isEqualTo(EVENTS);
    }

    @Test
    void fanIn(Sandbox sandbox) throws Exception {
        RunReport report = sandbox.complete(PipelineFile.named("fan-in")
                .source("one", "generator-source", COUNT)
                .source("two", "generator-source", "{count: 500}")
                .sink("kept", "file-sink", out(sandbox, "kept"), "one", "two"));

        expect(report, EVENTS + 500, Map.of("one->kept", EVENTS, "two->kept", 500L));
        assertThat(lines(sandbox, "kept")).isEqualTo(EVENTS + 500);
    }

    @Test
    void chain(Sandbox sandbox) throws Exception {
        RunReport report = sandbox.complete(PipelineFile.named("chain")
                .source("made", "generator-source", COUNT)
                .processor("a", "pass-through-processor", "{}", "made")
                .processor("b", "pass-through-processor", "{}", "a")
                .processor("c", "pass-through-processor", "{}", "b")
                .sink("kept", "file-sink", out(sandbox, "kept"), "c"));

        expect(report, EVENTS, Map.of("made->a", EVENTS, "a->b", EVENTS, "b->c", EVENTS, "c->kept", EVENTS));
        assertThat(lines(sandbox, "kept")).isEqualTo(EVENTS);
    }

    @Test
    void diamond(Sandbox sandbox) throws Exception {
        RunReport report = sandbox.complete(PipelineFile.named("diamond")
                .source("made", "generator-source", COUNT)
                .processor("left", "pass-through-processor", "{}", "made")
                .processor("right", "pass-through-processor", "{}", "made")
                .sink("kept", "file-sink", out(sandbox, "kept"), "left", "right"));

        expect(
                report,
                EVENTS,
                Map.of("made->left", EVENTS, "made->right", EVENTS, "left->kept", EVENTS, "right->kept", EVENTS));
        assertThat(lines(sandbox, "kept")).as("both arms").isEqualTo(2 * EVENTS);
    }

    private static void expect(RunReport report, long accepted, Map<String, Long> edges) {
        assertThat(report.accepted()).as("accepted").isEqualTo(accepted);
        assertThat(report.delivered()).as("delivered").isEqualTo(accepted);
        assertThat(report.deadLettered()).as("dead-lettered").isZero();
        assertThat(report.sentPerEdge()).as("sent").isEqualTo(edges);
        assertThat(report.receivedPerEdge()).as("received").isEqualTo(edges);
    }

    private static String out(Sandbox sandbox, String name) {
        return "{path: \"" + file(sandbox, name) + "\"}";
    }

    private static Path file(Sandbox sandbox, String name) {
        return sandbox.directory().resolve(name + ".jsonl");
    }

    private static long lines(Sandbox sandbox, String name) throws Exception {
        try (var lines = Files.lines(file(sandbox, name))) {
            return lines.count();
        }
    }
}
