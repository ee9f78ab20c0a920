// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.proto.control.v1.Health;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is let in, and by which generation. */
class AdmissionTest extends VirtualRun {
    @Test
    void grantsGenerationsThatOnlyGrow() {
        machine = machine(Pipelines.linear("p"), 41);
        tick();

        assertThat(register(SINK).generation).isEqualTo(42);
        assertThat(register(SOURCE).generation).isEqualTo(43);
        crash(SINK);
        later(Duration.ofMillis(200));
        assertThat(register(SINK).generation).isEqualTo(44);
    }

    @Test
    void repeatsTheGrantOfAnInstanceThatRegistersAgain() {
        tick();
        long generation = register(SINK).generation;

        Replica again = machine.register(request(SINK, instance(SINK), "127.0.0.1:999"), now());

        assertThat(again.generation).isEqualTo(generation);
        assertThat(again.registration().orElseThrow().address()).isEqualTo("127.0.0.1:999");
    }

    @Test
    void refusesASecondLiveInstanceAndNamesBoth() {
        tick();
        register(SINK);

        assertThatThrownBy(() -> machine.register(request(SINK, "stranger", "127.0.0.1:6666"), now()))
                .isInstanceOf(ControlPlaneException.class)
                .hasMessageContaining("127.0.0.1:6666")
                .hasMessageContaining("callback:1");
    }

    @Test
    void tellsAReplacedInstanceToExit() {
        tick();
        Replica sink = register(SINK);
        String old = instance(SINK);
        long generation = sink.generation;
        crash(SINK);

        assertThatThrownBy(() -> machine.register(request(SINK, old, "127.0.0.1:1"), now()))
                .hasMessageContaining("must exit");
        assertThatThrownBy(() -> machine.heartbeat("callback", old, generation, 0, now()))
                .hasMessageContaining("must exit");
        assertThatThrownBy(() -> machine.heartbeat("callback", "nobody", 1, 0, now()))
                .hasMessageContaining("register again");
    }

    @Test
    void aReplicaIsGivenToTheProcessThatWasLaunchedForIt() {
        machine = machine(Pipelines.replicated("p", 2), 0);
        tick();
        machine.launched(new ReplicaId("callback", 0), 1, 100);
        machine.launched(new ReplicaId("callback", 1), 1, 101);

        Replica second = machine.register(
                request(SINK, "b", "127.0.0.1:2").toBuilder().setPid(101).build(), now());
        Replica first = machine.register(
                request(SINK, "a", "127.0.0.1:1").toBuilder().setPid(100).build(), now());

        assertThat(second.id().index()).isEqualTo(1);
        assertThat(first.id().index()).isZero();
    }

    @Test
    void whoSaysGoodbyeIsGoneNotUnhealthy() {
        allUp();
        machine.deregister(
                "callback", instance(SINK), machine.replica(SINK).generation, "stopping", Optional.empty(), now());

        assertThat(health(SINK)).isEqualTo(Health.HEALTH_GONE);
        assertThat(take(Effect.PublishWiring.class)).hasSize(1);
    }

    @Test
    void aReplicaIsGivenToTheProcessThatWasStartedAsIt() {
        machine = machine(Pipelines.replicated("p", 2), 0);
        tick();

        Replica second = machine.register(
                request(SINK, "b", "127.0.0.1:2").toBuilder().setReplica(1).build(), now());

        assertThat(second.id().index()).isEqualTo(1);
        assertThatThrownBy(() -> machine.register(
                        request(SINK, "c", "127.0.0.1:3").toBuilder()
                                .setReplica(1)
                                .build(),
                        now()))
                .as("the other one is vacant, but not its own")
                .hasMessageContaining("127.0.0.1:2");
    }

    @Test
    void keysOfAReplicaThatDoesNotComeBackGoToTheOthersUntilItDoes() {
        ReplicaId other = new ReplicaId("callback", 1);
        machine = machine(Pipelines.replicated("p", 2), 0);
        tick();
        List.of(SOURCE, SINK, other).forEach(this::up);
        for (int ends = 1; ends <= 3; ends++) {
            crash(other);
            assertThat(Wiring.snapshot(machine, "orders").getDownstreams(0).getReplicasOutList())
                    .as("after %d ends, the first of which was of one that worked", ends)
                    .isEqualTo(ends < 3 ? List.of() : List.of(1));
            later(Duration.ofSeconds(1));
        }

        register(other);

        assertThat(Wiring.snapshot(machine, "orders").getDownstreams(0).getReplicasOutList())
                .isEmpty();
    }

    @Test
    void anInstanceKeepsTheGenerationThatAnEarlierControlPlaneGranted() {
        machine = machine(Pipelines.linear("p"), 5);
        tick();

        Replica sink = machine.register(
                request(SINK, "s", "127.0.0.1:1").toBuilder()
                        .setPreviousGeneration(7)
                        .build(),
                now());

        assertThat(sink.generation).isEqualTo(7);
        assertThat(register(SOURCE).generation).as("those after it are higher").isEqualTo(8);
    }
}
