// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;

/** Statuses of pods, as a kubelet or a scheduler writes them. */
final class Statuses {
    private Statuses() {}

    static PodStatus running() {
        return container(
                "Running",
                new ContainerStateBuilder().withNewRunning().endRunning().build(),
                null,
                0,
                true);
    }

    static PodStatus waiting(String reason, String message) {
        return container("Pending", waitingState(reason, message), null, 0, false);
    }

    /** Between two lives. */
    static PodStatus crashing(String reason, int exitCode, String message, int restarts) {
        return container(
                "Running",
                waitingState("CrashLoopBackOff", "back-off 40s restarting failed container"),
                terminated(reason, exitCode, message),
                restarts,
                false);
    }

    static PodStatus ended(String reason, int exitCode, String message) {
        return container("Running", terminated(reason, exitCode, message), null, 0, false);
    }

    static PodStatus evicted(String message) {
        return new PodStatusBuilder()
                .withPhase("Failed")
                .withReason("Evicted")
                .withMessage(message)
                .build();
    }

    static PodStatus unschedulable(String message) {
        return new PodStatusBuilder()
                .withPhase("Pending")
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus("False")
                .withReason("Unschedulable")
                .withMessage(message)
                .endCondition()
                .build();
    }

    private static ContainerState waitingState(String reason, String message) {
        return new ContainerStateBuilder().withNewWaiting(message, reason).build();
    }

    private static ContainerState terminated(String reason, int exitCode, String message) {
        return new ContainerStateBuilder()
                .withNewTerminated()
                .withReason(reason)
                .withExitCode(exitCode)
                .withMessage(message)
                .endTerminated()
                .build();
    }

    private static PodStatus container(
            String phase, ContainerState state, ContainerState last, int restarts, boolean ready) {
        return new PodStatusBuilder()
                .withPhase(phase)
                .addNewContainerStatus()
                .withName("component")
                .withImage("registry.example/mine:1")
                .withImageID("")
                .withState(state)
                .withLastState(last)
                .withRestartCount(restarts)
                .withReady(ready)
                .endContainerStatus()
                .build();
    }
}
