// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Runs that follow each other, run beside each other, or find their ports taken. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class ManyRunsIT {
    private static final int RUNS = 20;

    @Test
    void twentyInARow(Sandbox sandbox) throws Exception {
        Set<String> runs = new HashSet<>();
        for (int i = 0; i < RUNS; i++) {
            FisoctlProcess run = sandbox.run(bounded("again"), "-o", "json").expectExit(0, Sandbox.PATIENCE);
            RunReport report = new RunReport(run.envelope().get("result"), run::toString);
            report.expectState("COMPLETED");
            assertThat(report.delivered()).as("run %s", i).isEqualTo(100);
            runs.add(run.envelope().get("result").get("id").asString());
        }
        sandbox.expectNoChild();
        assertThat(runs).as("each has an id of its own").hasSize(RUNS);
    }

    @Test
    void twoAtOnceAreBothFound(Sandbox sandbox) throws Exception {
        List<FisoctlProcess> both = new ArrayList<>();
        for (String name : List.of("left", "right")) {
            // On the ports that a user would get, both.
            both.add(sandbox.start("run", endless(name).write(sandbox.directory())));
        }
        sandbox.awaitState("left", "RUNNING");
        sandbox.awaitState("right", "RUNNING");

        FisoctlProcess active = sandbox.succeed("pipelines", "active", "-o", "json");
        assertThat(active.out()).contains("left").contains("right");
        for (FisoctlProcess run : both) {
            run.controlC();
        }
        for (FisoctlProcess run : both) {
            run.expectExit(0, Duration.ofSeconds(40));
        }
        sandbox.expectNoChild();
    }

    @Test
    void theSamePipelineTwiceIsRefused(Sandbox sandbox) throws Exception {
        FisoctlProcess first = sandbox.run(endless("single"));
        sandbox.awaitState("single", "RUNNING");

        FisoctlProcess second = sandbox.run(endless("single"));

        int code = second.awaitExit(Sandbox.PATIENCE);
        assertThat(code).as(second::toString).isNotZero();
        assertThat(second.err()).contains("single").doesNotContain("\tat ");
        assertThat(first.isAlive()).isTrue();
        first.controlC();
        first.expectExit(0, Duration.ofSeconds(40));
    }

    @Test
    void takenPortsAreReplacedAndSaidSo(Sandbox sandbox) throws Exception {
        try (AutoCloseable _ = taken(8080);
                AutoCloseable _ = taken(9090)) {
            FisoctlProcess run = sandbox.succeed("run", bounded("elsewhere").write(sandbox.directory()));

            assertThat(run.err()).contains("8080").contains("9090");
        }
    }

    @Test
    void aTakenPortThatWasAskedForIsAnError(Sandbox sandbox) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            FisoctlProcess run = sandbox.end(
                    3, "run", bounded("refused").write(sandbox.directory()), "--grpc-port", taken.getLocalPort());

            assertThat(run.err())
                    .contains(Integer.toString(taken.getLocalPort()))
                    .doesNotContain("\tat ");
        }
    }

    /** Takes the port, if nobody on this machine has it already. */
    private static AutoCloseable taken(int port) {
        try {
            ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
            return socket::close;
        } catch (IOException _) {
            return () -> {};
        }
    }

    @Test
    void historyIsKept(Sandbox sandbox) throws Exception {
        sandbox.complete(bounded("remembered"));
        sandbox.complete(bounded("remembered"));

        JsonNode runs = sandbox.succeed("pipelines", "runs", "remembered", "-o", "json")
                .envelope()
                .get("result");

        assertThat(runs.toString().split("COMPLETED", -1)).as("%s", runs).hasSize(3);
    }

    private static PipelineFile bounded(String name) {
        return PipelineFile.named(name)
                .source("made", "generator-source", "{count: 100}")
                .sink("gone", "null-sink", "{}", "made");
    }

    private static PipelineFile endless(String name) {
        return PipelineFile.named(name)
                .source("made", "generator-source", "{rate: 100}")
                .sink("gone", "null-sink", "{}", "made");
    }
}
