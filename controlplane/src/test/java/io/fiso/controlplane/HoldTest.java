// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.Status;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.Progress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A run that is held, by a person or by its source. */
class HoldTest extends VirtualRun {
    @Test
    void holdsItsSourcesAndLetsThemGoOn() {
        allUp();
        machine.pause("the shop is closed");

        assertThat(take(Effect.Pause.class)).containsExactly(new Effect.Pause(SOURCE, "the shop is closed"));
        assertThat(take(Effect.Save.class)).isNotEmpty();
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_PAUSED);
        assertThat(run().getReason()).isEqualTo("the shop is closed");

        machine.resume();
        assertThat(take(Effect.Resume.class)).containsExactly(new Effect.Resume(SOURCE));
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_RUNNING);
    }

    @Test
    void tellsEveryInstanceOfASourceAndWhoDidNotHearAgain() {
        allUp();
        machine.pause("x");
        take(Effect.class);
        alive(SOURCE);
        assertThat(take(Effect.Pause.class)).as("it does not show it").hasSize(1);
        describe(SOURCE, ComponentPhase.COMPONENT_PHASE_RUNNING, paused("x"));
        assertThat(take(Effect.Pause.class)).isEmpty();

        crash(SOURCE);
        later(Duration.ofMillis(200));
        register(SOURCE);

        assertThat(take(Effect.Pause.class)).containsExactly(new Effect.Pause(SOURCE, "x"));
    }

    @Test
    void asksASourceToGoOnUntilItDoes() {
        allUp();
        machine.pause("x");
        describe(SOURCE, ComponentPhase.COMPONENT_PHASE_RUNNING, paused("x"));
        machine.resume();
        take(Effect.class);

        describe(SOURCE, ComponentPhase.COMPONENT_PHASE_RUNNING, paused("x"));
        assertThat(take(Effect.Resume.class)).hasSize(1);
        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_RUNNING);
        alive(SOURCE);
        describe(SOURCE, ComponentPhase.COMPONENT_PHASE_RUNNING, paused("its breaker is open"));

        assertThat(take(Effect.Resume.class))
                .as("that is another pause than the one that was ended")
                .isEmpty();
    }

    @Test
    void showsTheReasonOfASourceThatPausedByItself() {
        allUp();
        describe(SOURCE, ComponentPhase.COMPONENT_PHASE_RUNNING, paused("60 of 100 events failed within 30 s"));

        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_PAUSED);
        assertThat(run().getReason())
                .contains("orders")
                .contains("60 of 100 events failed")
                .contains("fisoctl pipelines resume p");
        assertThat(stopped()).isEmpty();

        machine.resume();
        assertThat(take(Effect.Resume.class)).containsExactly(new Effect.Resume(SOURCE));
    }

    @Test
    void canBeStoppedWhileItIsHeld() {
        allUp();
        machine.pause("x");
        machine.stop(Duration.ofSeconds(30), false, now());
        assertThat(take(Effect.Drain.class)).extracting(Effect.Drain::replica).containsExactly(SOURCE);
        sighting(0);
        sighting(0);
        ALL.forEach(id -> end(id, Status.Ended.exit(0)));

        assertThat(run().getState()).isEqualTo(RunState.RUN_STATE_STOPPED);
        assertThatThrownBy(() -> machine.pause("y")).hasMessageContaining("being stopped");
    }

    private static Progress paused(String reason) {
        return Progress.newBuilder().setPaused(reason).build();
    }
}
