// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fiso.driver.Status;
import io.fiso.driver.Troubled.Trouble;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What one pod's status says. */
final class PodReading {
    private static final Set<String> PULL =
            Set.of("ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError");
    private static final Set<String> CONFIG =
            Set.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CreateContainerFailed");
    private static final int SIGNAL = 128;

    private final Pod pod;
    private final @Nullable ContainerStatus container;

    PodReading(Pod pod) {
        this.pod = pod;
        this.container = status().getContainerStatuses().stream()
                .filter(c -> PodTemplates.CONTAINER.equals(c.getName()))
                .findFirst()
                .orElse(null);
    }

    private PodStatus status() {
        return pod.getStatus() == null ? new PodStatus() : pod.getStatus();
    }

    /** Whether it has ended for good: nothing of it runs, and nothing will. */
    boolean over() {
        return Set.of("Failed", "Succeeded").contains(String.valueOf(status().getPhase()));
    }

    /** Whether its container runs. */
    boolean running() {
        return container != null
                && container.getState() != null
                && container.getState().getRunning() != null;
    }

    /** Whether its container has ever run, and so may have written something. */
    boolean hasRun() {
        return terminated().isPresent() || running();
    }

    /** How its container ended last; empty if it never did. */
    Optional<Status.Ended> lastEnd() {
        return terminated().map(end -> outOfMemory(end) ? ended(end).outOfMemory(memory().orElse("none")) : ended(end));
    }

    private static boolean outOfMemory(ContainerStateTerminated end) {
        return "OOMKilled".equals(end.getReason());
    }

    private static Status.Ended ended(ContainerStateTerminated end) {
        // The kubelet makes up a code when it no longer finds the container.
        if ("ContainerStatusUnknown".equals(end.getReason())) {
            return Status.Ended.UNKNOWN;
        }
        if (end.getSignal() != null && end.getSignal() > 0) {
            return Status.Ended.signal(end.getSignal());
        }
        int code = end.getExitCode() == null ? 0 : end.getExitCode();
        return code > SIGNAL && code <= SIGNAL + 64 ? Status.Ended.signal(code - SIGNAL) : Status.Ended.exit(code);
    }

    /** Of the state now, else of the life before. */
    private Optional<ContainerStateTerminated> terminated() {
        if (container == null) {
            return Optional.empty();
        }
        ContainerState now = container.getState();
        if (now != null && now.getTerminated() != null) {
            return Optional.of(now.getTerminated());
        }
        ContainerState before = container.getLastState();
        return before == null ? Optional.empty() : Optional.ofNullable(before.getTerminated());
    }

    /**
     * What is wrong with it.
     *
     * @param events what the platform reported of it, in any order
     */
    Optional<Trouble> trouble(List<Event> events) {
        if ("Evicted".equals(status().getReason())) {
            return trouble(
                    "driver.evicted",
                    "was evicted from its node",
                    status().getMessage(),
                    "give it limits that fit the node");
        }
        Optional<ContainerStateWaiting> waiting =
                Optional.ofNullable(container).map(ContainerStatus::getState).map(ContainerState::getWaiting);
        String reason = waiting.map(ContainerStateWaiting::getReason).orElse("");
        String said = waiting.map(ContainerStateWaiting::getMessage).orElse("");
        if (PULL.contains(reason)) {
            return trouble(
                    "driver.image_pull",
                    "cannot pull the image \"" + image() + "\" (" + reason + ")",
                    warning(events, "Failed").orElse(said),
                    "check the image's name and tag, and that the nodes may pull it");
        }
        if (CONFIG.contains(reason)) {
            return trouble(
                    "driver.container_config",
                    "cannot start its container (" + reason + ")",
                    said.isEmpty() ? warning(events, "Failed").orElse("") : said,
                    "check that what it mounts and refers to exists, and that the image runs as a user that is not root");
        }
        if (reason.isEmpty() && container != null && Boolean.TRUE.equals(container.getReady())) {
            return Optional.empty();
        }
        Optional<Trouble> end = terminated().flatMap(this::end);
        return end.isPresent() ? end : unscheduled(events);
    }

    private Optional<Trouble> end(ContainerStateTerminated end) {
        String times = container == null || container.getRestartCount() == null || container.getRestartCount() < 2
                ? ""
                : " for the " + container.getRestartCount() + "th time";
        if (outOfMemory(end)) {
            return trouble(
                    "driver.oom_killed",
                    "was killed" + times + " because it took more memory than its limit"
                            + memory().map(m -> " of " + m).orElse(""),
                    "",
                    "raise resources.memory");
        }
        if (ended(end).success()) {
            return Optional.empty();
        }
        return trouble("driver.crashed", ended(end).describe() + times, end.getMessage(), "see its log");
    }

    private Optional<Trouble> unscheduled(List<Event> events) {
        return status().getConditions().stream()
                .filter(c -> "PodScheduled".equals(c.getType())
                        && "False".equals(c.getStatus())
                        && "Unschedulable".equals(c.getReason()))
                .findFirst()
                .flatMap(c -> trouble(
                        "driver.unschedulable",
                        "finds no node (Unschedulable)",
                        c.getMessage() == null
                                ? warning(events, "FailedScheduling").orElse("")
                                : c.getMessage(),
                        "lower resources, or add a node"))
                .or(() -> "Pending".equals(status().getPhase())
                        ? warning(events, "FailedMount")
                                .flatMap(said -> trouble("driver.mount", "cannot mount its volumes", said, ""))
                        : Optional.empty());
    }

    private Optional<Trouble> trouble(String code, String what, @Nullable String said, String remedy) {
        String words = said == null || said.isBlank() ? "" : ": " + said.strip();
        return Optional.of(new Trouble(
                code,
                "pod \"" + pod.getMetadata().getName() + "\" " + what + words
                        + (remedy.isEmpty() ? "" : "; " + remedy)));
    }

    /** The newest warning for this reason that is not just "Back-off". */
    static Optional<String> warning(List<Event> events, String reason) {
        return events.stream()
                .filter(e -> "Warning".equals(e.getType()) && reason.equals(e.getReason()) && e.getMessage() != null)
                .filter(e -> !e.getMessage().startsWith("Error: "))
                .max(Comparator.comparing(PodReading::when))
                .map(Event::getMessage);
    }

    /** Those who report by the newer of the two interfaces fill in other times. All are written alike, so their order is that of their texts. */
    private static String when(Event event) {
        return Stream.of(
                        event.getLastTimestamp(),
                        event.getSeries() == null || event.getSeries().getLastObservedTime() == null
                                ? null
                                : event.getSeries().getLastObservedTime().getTime(),
                        event.getEventTime() == null
                                ? null
                                : event.getEventTime().getTime(),
                        event.getMetadata().getCreationTimestamp())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("");
    }

    private String image() {
        return container != null
                        && container.getImage() != null
                        && !container.getImage().isEmpty()
                ? container.getImage()
                : pod.getSpec() == null || pod.getSpec().getContainers().isEmpty()
                        ? "?"
                        : pod.getSpec().getContainers().getFirst().getImage();
    }

    private Optional<String> memory() {
        return pod.getSpec().getContainers().stream()
                .filter(c -> c.getResources() != null && c.getResources().getLimits() != null)
                .flatMap(c -> Optional.ofNullable(c.getResources().getLimits().get("memory")).stream())
                .findFirst()
                .map(Object::toString);
    }
}
