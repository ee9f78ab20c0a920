// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** How a run ends when somebody ends it (D9). */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class StopIT {
    @Test
    void controlCDrainsAndLeavesNoChild(Sandbox sandbox) throws Exception {
        try (HttpStub stub = HttpStub.start()) {
            stub.script(_ -> HttpStub.Answer.OK.after(Duration.ofMillis(20)));
            FisoctlProcess run = sandbox.run(endless("drained", stub), "-o", "json");
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 300, () -> "load" + run + sandbox.logs());

            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));

            RunReport report = new RunReport(run.envelope().get("result"), run::toString);
            report.expectState("STOPPED");
            assertThat(report.accepted()).as("everything accepted was settled").isEqualTo(report.delivered());
            assertThat(stub.requests()).as("each delivered once").hasSize((int) report.delivered());
            assertThat(stub.requests().stream()
                            .map(r -> r.event().get("id").asString())
                            .distinct())
                    .hasSize((int) report.delivered());
            sandbox.expectNoChild();
        }
    }

    @Test
    void aSecondControlCKills(Sandbox sandbox) throws Exception {
        try (HttpStub stub = HttpStub.start()) {
            CountDownLatch never = new CountDownLatch(1);
            CountDownLatch reached = new CountDownLatch(1);
            stub.script(_ -> {
                reached.countDown();
                never.await(300, TimeUnit.SECONDS);
                return HttpStub.Answer.OK;
            });
            FisoctlProcess run = sandbox.run(endless("stuck", stub));
            assertThat(reached.await(120, TimeUnit.SECONDS)).as(run::toString).isTrue();

            run.controlC();
            sandbox.awaitState("stuck", "DRAINING");
            assertThat(run.isAlive()).as("it waits for what is in flight").isTrue();
            run.controlC();

            run.expectExit(130, Duration.ofSeconds(30));
            sandbox.expectNoChild();
            never.countDown();
        }
    }

    @Test
    void sigtermDrainsToo(Sandbox sandbox) throws Exception {
        try (HttpStub stub = HttpStub.start()) {
            FisoctlProcess run = sandbox.run(endless("terminated", stub));
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 50, () -> "load" + run + sandbox.logs());

            run.signal("TERM");

            run.expectExit(0, Duration.ofSeconds(40));
            sandbox.expectNoChild();
        }
    }

    @Test
    void pipelinesStopDoesItFromAnotherTerminal(Sandbox sandbox) throws Exception {
        try (HttpStub stub = HttpStub.start()) {
            FisoctlProcess run = sandbox.run(endless("elsewhere", stub));
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 50, () -> "load" + run + sandbox.logs());

            sandbox.succeed("pipelines", "stop", "elsewhere");

            run.expectExit(0, Duration.ofSeconds(40));
            sandbox.expectNoChild();
            assertThat(List.of(run.out() + run.err()))
                    .as("says how it ended")
                    .allMatch(text -> text.contains("STOPPED"));
        }
    }

    private static PipelineFile endless(String name, HttpStub stub) {
        return PipelineFile.named(name)
                .source("made", "generator-source", "{rate: 1000}")
                .processor("passed", "pass-through-processor", "{}", "made")
                .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "passed");
    }
}
