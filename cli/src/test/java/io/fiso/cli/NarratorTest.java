// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.client.RunningBroker;
import io.fiso.cli.output.Format;
import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.DurableEdge;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.stream.v1.FateCounts;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NarratorTest {
    @TempDir
    Path directory;

    @Test
    void tellsOnceThatEverythingIsReady() {
        RecordedHost host = new RecordedHost(directory);
        Narrator narrator = new Narrator(host.host().terminal(), Format.text, System.nanoTime());

        narrator.update(run(RunState.RUN_STATE_STARTING, Health.HEALTH_STARTING, ""));
        narrator.update(run(RunState.RUN_STATE_RUNNING, Health.HEALTH_HEALTHY, ""));
        narrator.update(run(RunState.RUN_STATE_RUNNING, Health.HEALTH_HEALTHY, ""));

        assertThat(host.err()).containsOnlyOnce("ready after").contains(": orders, show");
        assertThat(host.out()).isEmpty();
    }

    @Test
    void tellsWhatFailsAndThatItIsWellAgain() {
        RecordedHost host = new RecordedHost(directory);
        Narrator narrator = new Narrator(host.host().terminal(), Format.text, System.nanoTime());

        narrator.update(run(RunState.RUN_STATE_RUNNING, Health.HEALTH_HEALTHY, ""));
        narrator.update(run(RunState.RUN_STATE_DEGRADED, Health.HEALTH_RESTARTING, "killed by signal 9"));
        narrator.update(run(RunState.RUN_STATE_RUNNING, Health.HEALTH_HEALTHY, ""));

        assertThat(host.err()).contains("✗ show RESTARTING: killed by signal 9").contains("✓ show HEALTHY");
    }

    @Test
    void outputOfSinksIsPlainAndOfOthersNamed() {
        RecordedHost host = new RecordedHost(directory);
        Narrator narrator = new Narrator(host.host().terminal(), Format.text, System.nanoTime());

        narrator.output("show", "{\"a\":1}", true);
        narrator.output("mine", "hello", false);

        assertThat(host.out()).isEqualTo("{\"a\":1}\nmine | hello\n");
    }

    @Test
    void asJsonEveryLineIsOneEvent() {
        RecordedHost host = new RecordedHost(directory);
        Narrator narrator = new Narrator(host.host().terminal(), Format.json, System.nanoTime());

        narrator.output("show", "line", true);
        narrator.update(run(RunState.RUN_STATE_RUNNING, Health.HEALTH_HEALTHY, ""));

        assertThat(host.out().lines())
                .hasSizeGreaterThan(2)
                .allSatisfy(line -> assertThat(Format.parse(line))
                        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                        .containsKey("event"));
        assertThat((Map<?, ?>) Format.parse(host.out().lines().findFirst().orElseThrow()))
                .isEqualTo(Map.of("event", "output", "component", "show", "line", "line"));
        assertThat(host.err()).isEmpty();
    }

    @Test
    void tellsWhereTheBrokerIsAndNotItsToken() {
        RunningBroker broker = new RunningBroker(4711, 0, 8090, 8091, "a secret");
        RecordedHost text = new RecordedHost(directory);
        RecordedHost json = new RecordedHost(directory);

        new Narrator(text.host().terminal(), Format.text, System.nanoTime()).broker(broker, Path.of("/data"));
        new Narrator(json.host().terminal(), Format.json, System.nanoTime()).broker(broker, Path.of("/data"));

        assertThat(text.err()).isEqualTo("  Broker at 127.0.0.1:8090, data in /data\n");
        assertThat(json.out())
                .isEqualTo(
                        "{\"event\":\"broker\",\"grpcPort\":8090,\"httpPort\":8091,\"pid\":4711,\"directory\":\"/data\"}\n");
    }

    @Test
    void theBoardShowsWhatIsNotWellFirst() {
        String board = RunText.board(run(RunState.RUN_STATE_DEGRADED, Health.HEALTH_CRASH_LOOP, "budget spent"))
                .render(200);

        assertThat(board.lines().toList().get(1))
                .startsWith("show")
                .contains("CRASH_LOOP")
                .endsWith("budget spent");
        assertThat(board.lines().toList().get(2)).startsWith("orders").contains("HEALTHY");
    }

    @Test
    void theSumLeavesOutWhatIsZero() {
        Run run = Run.newBuilder()
                .setAccepted(10)
                .setInFlight(1)
                .setTotals(io.fiso.proto.stream.v1.FateCounts.newBuilder()
                        .setDelivered(7)
                        .setFailed(2))
                .build();

        assertThat(RunText.sum(run)).isEqualTo("accepted 10 = delivered 7 + dead-lettered 2 + in flight 1");
    }

    @Test
    void whatCameOutOfAStreamIsASumOfItsOwn() {
        Run run = Run.newBuilder()
                .setAccepted(100)
                .setTotals(FateCounts.newBuilder().setDelivered(100))
                .addComponents(ComponentStatus.newBuilder()
                        .setComponent("orders.callback.in")
                        .setType("stream-sink"))
                .addDurableEdges(DurableEdge.newBuilder()
                        .setFrom("orders")
                        .setTo("callback")
                        .setSink("orders.callback.in")
                        .setAccepted(63)
                        .setTotals(FateCounts.newBuilder().setDelivered(55).setFailed(5))
                        .setInFlight(3)
                        .setWaiting(37))
                .build();

        assertThat(RunText.sums(run))
                .isEqualTo(
                        "accepted 100 = delivered 100\n"
                                + "durable orders → callback: accepted 63 = delivered 55 + dead-lettered 5 + in flight 3; 37 wait in the stream");
        assertThat(RunText.board(run).render(200)).contains("stream-sink of orders → callback");
        assertThat(RunText.inStreams(run)).isEqualTo("; 37 wait in streams");
    }

    @Test
    void whatASinkRecognisedAsRepeatsIsShown() {
        Run.Builder run = run(RunState.RUN_STATE_RUNNING, Health.HEALTH_HEALTHY, "").toBuilder();
        var terminal = new RecordedHost(directory).host().terminal();
        assertThat(RunText.counts(run.build(), terminal)).doesNotContain("Deduplicated");

        run.getComponentsBuilder(1).getProgressBuilder().setDeduplicated(41);

        assertThat(RunText.counts(run.build(), terminal))
                .contains("Deduplicated, which is delivered before and not again: show 41");
        assertThat(Format.compact(RunText.data(run.build())))
                .contains("\"deduplicated\":0")
                .contains("\"deduplicated\":41");
    }

    private static Run run(RunState state, Health sinkHealth, String reason) {
        return Run.newBuilder()
                .setId("r1")
                .setPipeline("p")
                .setState(state)
                .addComponents(ComponentStatus.newBuilder()
                        .setComponent("orders")
                        .setKind(ComponentKind.COMPONENT_KIND_SOURCE)
                        .setHealth(
                                sinkHealth == Health.HEALTH_STARTING ? Health.HEALTH_STARTING : Health.HEALTH_HEALTHY))
                .addComponents(ComponentStatus.newBuilder()
                        .setComponent("show")
                        .setKind(ComponentKind.COMPONENT_KIND_SINK)
                        .setHealth(sinkHealth)
                        .setReason(reason))
                .build();
    }
}
