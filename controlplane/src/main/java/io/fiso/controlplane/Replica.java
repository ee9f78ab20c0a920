// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.pipeline.ResolvedComponent;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.DescribeResponse;
import io.fiso.proto.stream.v1.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All that a run knows of one replica. Changed by {@link RunMachine} alone. */
final class Replica {
    private final ReplicaId id;
    private final ResolvedComponent component;
    private final Timing timing;

    ReplicaState state;
    int launches;
    int restarts;
    final Deque<Long> restartTimes = new ArrayDeque<>();
    long launchedPid;

    @Nullable
    Registration registration;
    /** The highest generation ever granted to this replica: the lowest that may subscribe. */
    long generation;

    long lastSeenMillis;

    @Nullable
    Instant lastSeen;

    private @Nullable DescribeResponse description;
    /** How many descriptions came since this mark was reset, and how many of the last ones showed it closed and empty. */
    int settledSightings;

    private boolean serving = true;
    private long progressMillis;
    boolean describing;
    boolean checking;
    long describeAtMillis;
    /** Between these two moments lies the one that its last description is of. */
    long askedMillis;

    long answeredMillis;
    long registeredMillis;
    long checkAtMillis;
    List<String> lastErrorLines = List.of();

    Replica(ReplicaId id, ResolvedComponent component, Timing timing, Now now) {
        this.id = id;
        this.component = component;
        this.timing = timing;
        this.state = new ReplicaState.Waiting(now.millis(), "");
    }

    ReplicaId id() {
        return id;
    }

    ResolvedComponent component() {
        return component;
    }

    boolean isSource() {
        return component.kind() == ResolvedComponent.Kind.SOURCE;
    }

    boolean isService() {
        return component.kind() == ResolvedComponent.Kind.SERVICE;
    }

    Optional<Registration> registration() {
        return Optional.ofNullable(registration);
    }

    /** The instance that answers here and now. */
    Optional<Registration> reachable() {
        return registration().filter(Registration::present);
    }

    Progress progress() {
        return description == null ? Progress.getDefaultInstance() : description.getProgress();
    }

    ComponentPhase phase() {
        return description == null ? ComponentPhase.COMPONENT_PHASE_UNSPECIFIED : description.getPhase();
    }

    boolean done() {
        return phase() == ComponentPhase.COMPONENT_PHASE_DONE;
    }

    /** A new process: nothing that was known of the old one holds. */
    void forgetInstance(Now now) {
        registration = null;
        description = null;
        serving = true;
        settledSightings = 0;
        launchedPid = 0;
        describing = false;
        checking = false;
        describeAtMillis = 0;
        checkAtMillis = 0;
        lastSeenMillis = now.millis();
        progressMillis = now.millis();
    }

    void seen(Now now) {
        lastSeenMillis = now.millis();
        lastSeen = now.wall();
    }

    void described(DescribeResponse answer, Now now) {
        seen(now);
        if (description == null || !signature(answer.getProgress()).equals(signature(progress()))) {
            progressMillis = now.millis();
        }
        if (!answer.getProgress().getWorkWaiting()
                || !answer.getProgress().getHolding().isEmpty()) {
            // Idle, or waiting for a stated reason: neither is a stall.
            progressMillis = now.millis();
        }
        if (answer.getPhase() != phase()) {
            // What it said of its health in another phase says nothing of this one: ask again at once.
            serving = true;
            checkAtMillis = now.millis();
        }
        boolean closed = answer.getPhase() == ComponentPhase.COMPONENT_PHASE_DONE
                || answer.getPhase() == ComponentPhase.COMPONENT_PHASE_DRAINING
                || !isSource();
        settledSightings = closed && answer.getProgress().getInFlight() == 0 ? settledSightings + 1 : 0;
        description = answer;
        answeredMillis = now.millis();
    }

    void healthChecked(boolean itServes, Now now) {
        seen(now);
        serving = itServes;
    }

    private static List<Long> signature(Progress progress) {
        return List.of(
                progress.getEventsIn(),
                progress.getEventsOut(),
                Fates.total(progress.getSettled()),
                progress.getRetries(),
                progress.getDeadLetters());
    }

    /** Why it has to be restarted; empty if it need not. */
    Optional<String> ailment(Now now) {
        Duration silence = now.since(lastSeenMillis);
        if (silence.compareTo(timing.restartAfter()) >= 0) {
            String what = registration == null ? "it has not registered for " : "it has been silent for ";
            return Optional.of(what + silence.toSeconds() + " s");
        }
        Duration stalled = now.since(progressMillis);
        if (progress().getWorkWaiting()
                && progress().getHolding().isEmpty()
                && component.stallTimeout().isPositive()
                && stalled.compareTo(component.stallTimeout()) >= 0) {
            return Optional.of("no progress for " + stalled.toSeconds() + " s with work waiting");
        }
        return Optional.empty();
    }

    Health health(Now now) {
        return switch (state) {
            case ReplicaState.Waiting _ -> launches == 0 ? Health.HEALTH_STARTING : Health.HEALTH_RESTARTING;
            case ReplicaState.Stopping stopping -> stopping.again() ? Health.HEALTH_RESTARTING : Health.HEALTH_GONE;
            case ReplicaState.Gone _ -> Health.HEALTH_GONE;
            case ReplicaState.CrashLoop _ -> Health.HEALTH_CRASH_LOOP;
            case ReplicaState.Launching _, ReplicaState.Up _ -> healthOfInstance(now);
        };
    }

    private Health healthOfInstance(Now now) {
        if (registration != null && !registration.present()) {
            return Health.HEALTH_GONE;
        }
        if (silentTooLong(now) || phase() == ComponentPhase.COMPONENT_PHASE_FAILED) {
            return Health.HEALTH_UNHEALTHY;
        }
        boolean started =
                registration != null && description != null && phase() != ComponentPhase.COMPONENT_PHASE_STARTING;
        if (!started) {
            return Health.HEALTH_STARTING;
        }
        return serving ? Health.HEALTH_HEALTHY : Health.HEALTH_UNHEALTHY;
    }

    private boolean silentTooLong(Now now) {
        return now.since(lastSeenMillis).compareTo(timing.unhealthyAfter()) >= 0;
    }

    /** Why it is not healthy, for people; empty if it is. */
    String reason(Now now) {
        return switch (state) {
            case ReplicaState.Waiting waiting -> waiting.reason();
            case ReplicaState.Stopping stopping -> stopping.reason();
            case ReplicaState.Gone gone -> gone.reason();
            case ReplicaState.CrashLoop loop -> loop.reason();
            case ReplicaState.Launching _ -> "its process is being started";
            case ReplicaState.Up _ -> reasonOfInstance(now);
        };
    }

    private String reasonOfInstance(Now now) {
        if (registration == null) {
            return "it has started but not registered yet";
        }
        if (!registration.present()) {
            return registration.leaving();
        }
        if (silentTooLong(now)) {
            return "it has been silent for " + now.since(lastSeenMillis).toSeconds() + " s";
        }
        if (description == null) {
            return "it has registered but not answered yet";
        }
        if (phase() == ComponentPhase.COMPONENT_PHASE_STARTING) {
            return "it has registered and is getting ready";
        }
        if (phase() == ComponentPhase.COMPONENT_PHASE_FAILED) {
            return description.getError();
        }
        return serving ? progress().getHolding() : "its own health check says that it cannot serve";
    }
}
