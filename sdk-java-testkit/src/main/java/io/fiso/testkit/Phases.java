// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.sdk.runtime.ComponentRuntime;

/** What the contracts wait for. */
final class Phases {
    private Phases() {}

    static void awaitDone(ComponentRuntime... components) throws InterruptedException {
        for (ComponentRuntime component : components) {
            ComponentHarness.await(
                    "phase DONE of " + component.address(),
                    () -> component.phase() == ComponentPhase.COMPONENT_PHASE_DONE
                            || component.phase() == ComponentPhase.COMPONENT_PHASE_FAILED,
                    component::phase);
            assertThat(component.phase()).isEqualTo(ComponentPhase.COMPONENT_PHASE_DONE);
        }
    }

    static String withUnknownKey(String config) {
        String members = config.strip().substring(1).strip();
        return "{\"noSuchKey\": 1" + (members.equals("}") ? "" : ", ") + members;
    }
}
