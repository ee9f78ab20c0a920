// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fiso.driver.Status;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PodReadingTest {
    static Stream<Arguments> troubles() {
        return Stream.of(
                arguments(
                        Statuses.waiting("ErrImagePull", "manifest unknown"),
                        "driver.image_pull",
                        "\"registry.example/mine:1\" (ErrImagePull): manifest unknown; check"),
                arguments(Statuses.waiting("ImagePullBackOff", "Back-off"), "driver.image_pull", "(ImagePullBackOff)"),
                arguments(Statuses.waiting("InvalidImageName", "x"), "driver.image_pull", "(InvalidImageName)"),
                arguments(
                        Statuses.waiting("CreateContainerConfigError", "secret \"s\" not found"),
                        "driver.container_config",
                        "secret \"s\" not found"),
                arguments(
                        Statuses.crashing("Error", 3, "no such topic", 4),
                        "driver.crashed",
                        "exited with code 3 for the 4th time: no such topic"),
                arguments(
                        Statuses.crashing("OOMKilled", 137, "", 1),
                        "driver.oom_killed",
                        "more memory than its limit of 64Mi; raise"),
                arguments(Statuses.ended("OOMKilled", 137, ""), "driver.oom_killed", "more memory"),
                arguments(Statuses.evicted("low on memory"), "driver.evicted", "low on memory"),
                arguments(
                        Statuses.unschedulable("0/3 nodes are available"),
                        "driver.unschedulable",
                        "0/3 nodes are available"));
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void saysWhatIsWrongInThePlatformsWords(PodStatus status, String code, String words) {
        var trouble = new PodReading(pod(status)).trouble(List.of()).orElseThrow();

        assertThat(trouble.code()).isEqualTo(code);
        assertThat(trouble.message()).startsWith("pod \"p\" ").contains(words).doesNotContain("null");
    }

    @Test
    void takesTheReasonOfAPullFromTheEventsSinceTheStatusOnlyBacksOff() {
        var status = Statuses.waiting("ImagePullBackOff", "Back-off pulling image");

        var trouble = new PodReading(pod(status))
                .trouble(List.of(
                        event("Failed", "Error: ErrImagePull", "2026-01-01T00:00:09Z"),
                        event("Failed", "Failed to pull image: unauthorized", "2026-01-01T00:00:08Z"),
                        event("Failed", "Failed to pull image: timeout", "2026-01-01T00:00:01Z")));

        assertThat(trouble.orElseThrow().message()).contains("unauthorized").doesNotContain("timeout");
    }

    @Test
    void takesTheNewestReasonWhicheverInterfaceItWasReportedBy() {
        Event newer = event("FailedScheduling", "0/3 nodes are available", null)
                .edit()
                .withNewEventTime("2026-01-01T00:00:09.000000Z")
                .build();

        assertThat(PodReading.warning(
                        List.of(newer, event("FailedScheduling", "0/2 nodes are available", "2026-01-01T00:00:01Z")),
                        "FailedScheduling"))
                .contains("0/3 nodes are available");
    }

    @Test
    void findsNothingWrongWithWhatRunsOrIsJustBeingMade() {
        assertThat(new PodReading(pod(Statuses.running())).trouble(List.of())).isEmpty();
        assertThat(new PodReading(pod(Statuses.waiting("ContainerCreating", ""))).trouble(List.of()))
                .isEmpty();
        assertThat(new PodReading(new PodBuilder()
                                .withNewMetadata()
                                .withName("p")
                                .endMetadata()
                                .build())
                        .trouble(List.of()))
                .isEmpty();
        assertThat(new PodReading(pod(Statuses.ended("Completed", 0, ""))).trouble(List.of()))
                .isEmpty();
    }

    @Test
    void tellsExitCodesFromSignals() {
        assertThat(new PodReading(pod(Statuses.running())).lastEnd()).isEmpty();
        assertThat(new PodReading(pod(Statuses.crashing("Error", 3, "", 1))).lastEnd())
                .contains(Status.Ended.exit(3));
        assertThat(new PodReading(pod(Statuses.ended("OOMKilled", 137, ""))).lastEnd())
                .contains(Status.Ended.signal(9).outOfMemory("64Mi"));
        assertThat(new PodReading(pod(Statuses.ended("Completed", 0, ""))).lastEnd())
                .contains(Status.Ended.exit(0));
        assertThat(new PodReading(pod(Statuses.ended("ContainerStatusUnknown", 137, ""))).lastEnd())
                .contains(Status.Ended.UNKNOWN);
    }

    @Test
    void countsOnlyPodsThatNothingStartsAgainAsOver() {
        assertThat(new PodReading(pod(Statuses.evicted("x"))).over()).isTrue();
        assertThat(new PodReading(pod(Statuses.crashing("Error", 3, "", 1))).over())
                .isFalse();
    }

    private static Event event(String reason, String message, @Nullable String time) {
        return new EventBuilder()
                .withNewMetadata()
                .endMetadata()
                .withType("Warning")
                .withReason(reason)
                .withMessage(message)
                .withLastTimestamp(time)
                .build();
    }

    private static Pod pod(PodStatus status) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("p")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("component")
                .withImage("registry.example/mine:1")
                .withNewResources()
                .withLimits(Map.of("memory", new Quantity("64Mi")))
                .endResources()
                .endContainer()
                .endSpec()
                .withStatus(status)
                .build();
    }
}
