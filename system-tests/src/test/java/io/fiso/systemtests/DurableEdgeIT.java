// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A stream between two components: either side can be down, die or be stopped, and all arrives. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class DurableEdgeIT {
    private static final HttpStub.Script DOWN = _ -> HttpStub.Answer.status(503);
    private static final HttpStub.Script UP = _ -> HttpStub.Answer.OK;

    private static PipelineFile pipeline(String name, String load, HttpStub stub) {
        return PipelineFile.named(name)
                .source("orders", "generator-source", load)
                .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "{from: orders, mode: durable}")
                .errorHandling("{maxInterval: 1s}")
                // Less than what comes: a direct edge would hold the source.
                .limits("{windowEvents: 100, drainTimeout: 5s}");
    }

    @Test
    void oneSideCompletesWhileTheOtherIsDownAndTheDeathOfEachLosesNothing(Sandbox sandbox) throws Exception {
        int count = 3_000;
        try (HttpStub stub = HttpStub.start()) {
            stub.script(DOWN);
            FisoctlProcess run = sandbox.run(pipeline("apart", "{count: " + count + ", rate: 500}", stub));
            Eventually.until(Sandbox.PATIENCE, () -> stub.count() > 0, () -> "load" + run + sandbox.logs());
            for (String victim : new String[] {"orders.callback.in", "orders", "callback", "orders.callback.out"}) {
                ComponentProcess before = sandbox.component(victim);
                before.kill();
                sandbox.successor(before, Sandbox.PATIENCE);
            }

            RunReport apart = sandbox.awaitReport(
                    "apart",
                    "the first side has settled all",
                    Sandbox.PATIENCE,
                    now -> now.accepted() == count && now.delivered() == count && now.inFlight() == 0);
            assertThat(arrived(stub)).as("the other is down").isZero();
            assertThat(apart.state()).isNotEqualTo("COMPLETED");
            stub.script(UP);

            run.expectExit(0, Sandbox.PATIENCE);
            assertThat(arrived(stub)).isEqualTo(count);
            RunReport report = sandbox.awaitState("apart", "COMPLETED");
            assertThat(report.accepted()).isEqualTo(count);
            assertThat(run.out() + run.err()).contains("durable orders → callback: accepted ");
            sandbox.audit("apart");
            sandbox.expectNoChild();
        }
    }

    @Test
    void whatAStoppedRunLeavesInTheStreamTheNextOneDelivers(Sandbox sandbox) throws Exception {
        try (HttpStub stub = HttpStub.start()) {
            stub.script(DOWN);
            FisoctlProcess first = sandbox.run(pipeline("stopped", "{count: 2000}", stub));
            sandbox.awaitReport("stopped", "all is in the stream", Sandbox.PATIENCE, now -> now.delivered() == 2_000);
            first.controlC();
            first.expectExit(0, Sandbox.PATIENCE);
            assertThat(first.err() + first.out()).contains("stays for the next run");
            assertThat(arrived(stub)).isZero();
            stub.script(UP);

            FisoctlProcess second = sandbox.run(pipeline("stopped", "{count: 2000}", stub));

            second.expectExit(0, Sandbox.PATIENCE);
            assertThat(arrived(stub)).isEqualTo(2_000);
            sandbox.awaitState("stopped", "COMPLETED");
        }
    }

    /** How many events have arrived, each counted once. */
    private static long arrived(HttpStub stub) {
        return stub.accepted().stream()
                .map(request -> request.event().path("id").asString(""))
                .distinct()
                .count();
    }
}
