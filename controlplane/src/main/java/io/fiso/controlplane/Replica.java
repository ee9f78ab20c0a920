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
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All that a run knows of one replica. Changed by {@link RunMachine} alone. */
final class Replica {
    /** So many ends in a row before it worked make a crash loop. */
    private static final int CRASH_LOOP_STARTS = 2;

    private final ReplicaId id;
    private final ResolvedComponent component;
    private final Timing timing;

    ReplicaState state;
    int launches;
    final RestartBudget restarts;
    long launchedPid;

    @Nullable
    Registration registration;
    /** The highest generation ever granted to this replica: the lowest that may subscribe. */
    long generation;

    private long heartbeatMillis;
    private long answerMillis;

    @Nullable
    Instant lastSeen;

    private @Nullable DescribeResponse description;
    /** Whether this instance has got as far as working. */
    private boolean worked;
    /** How many instances in a row ended before they got as far as working. */
    private int failedStarts;
    /** Whether a source was told to go on and has not yet shown that it does. */
    boolean resuming;
    /** How many descriptions came since this mark was reset, and how many of the last ones showed it closed and empty. */
    int settledSightings;

    private boolean serving = true;
    private long progressMillis;
    boolean describing;
    boolean checking;
    long describeAtMillis;
    long checkAtMillis;
    List<String> lastErrorLines = List.of();
    long askedMillis;
    /** Between these two moments lies the one that its last description is of. */
    long describedAfterMillis;

    long answeredMillis;
    long registeredMillis;

    Replica(ReplicaId id, ResolvedComponent component, Timing timing, Now now) {
        this.id = id;
        this.component = component;
        this.timing = timing;
        this.restarts = new RestartBudget(component.restart(), 0);
        this.state = new ReplicaState.Waiting(now.millis(), "");
    }

    /** As an earlier control plane knew it, and as if it were up. */
    Replica(RunStore.LiveInstance known, ResolvedComponent component, Timing timing, Now now) {
        this.id = new ReplicaId(known.component(), known.replica());
        this.component = component;
        this.timing = timing;
        this.restarts = new RestartBudget(component.restart(), known.restarts());
        this.generation = known.generation();
        this.launches = known.launch();
        this.state = known.gone().isEmpty()
                ? known.handle().isEmpty()
                        ? new ReplicaState.Waiting(now.millis(), "")
                        : new ReplicaState.Up(known.launch())
                : new ReplicaState.Gone(known.gone());
        this.launchedPid = known.pid();
        this.progressMillis = now.millis();
        seenNow(now);
        known.registration().ifPresent(said -> registered(new Registration(said, generation, now.wall(), ""), now));
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

    boolean isProcessor() {
        return component.kind() == ResolvedComponent.Kind.PROCESSOR;
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
        resuming = false;
        worked = false;
        progressMillis = now.millis();
        seenNow(now);
    }

    /** It ended, and is to be started again. */
    void failed(Now now) {
        failedStarts = worked ? 0 : failedStarts + 1;
        forgetInstance(now);
    }

    /** Whether it ends again and again before it works. */
    private boolean crashLoops() {
        return failedStarts >= CRASH_LOOP_STARTS;
    }

    /**
     * Dead for sure, and not back soon: its keys go to the other replicas meanwhile. One that is just being started again keeps them. What a source had is
     * with nobody else.
     */
    boolean out() {
        return !isSource() && registration == null && crashLoops();
    }

    private void seenNow(Now now) {
        heartbeatMillis = now.millis();
        answerMillis = now.millis();
    }

    void registered(Registration granted, Now now) {
        registration = granted;
        registeredMillis = now.millis();
        seenNow(now);
        lastSeen = now.wall();
    }

    /** It has sent a sign of life. */
    void heartbeat(Now now) {
        heartbeatMillis = now.millis();
        lastSeen = now.wall();
    }

    /** Why a source emits nothing, for people; empty if it is not paused. */
    String paused() {
        return isSource() ? progress().getPaused() : "";
    }

    /** Its last answer to the question how much is unsettled, from when it was told to stop. */
    void stopping(long unsettled) {
        DescribeResponse.Builder last = description == null ? DescribeResponse.newBuilder() : description.toBuilder();
        last.getProgressBuilder().setInFlight(unsettled);
        description = last.build();
    }

    /** How far it had come when it left. Since when it stands so is not known: not before it was described last, and not after now. */
    void lastWord(Progress progress, Now now) {
        DescribeResponse.Builder last = description == null ? DescribeResponse.newBuilder() : description.toBuilder();
        description = last.setProgress(progress).build();
        answeredMillis = now.millis();
    }

    void described(DescribeResponse answer, Now now) {
        answerMillis = now.millis();
        lastSeen = now.wall();
        switch (answer.getPhase()) {
            case COMPONENT_PHASE_RUNNING, COMPONENT_PHASE_DRAINING, COMPONENT_PHASE_DONE -> {
                worked = true;
                failedStarts = 0;
            }
            default -> {}
        }
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
        describedAfterMillis = askedMillis - answer.getProgressAgeMillis() - 1;
        answeredMillis = now.millis();
    }

    void healthChecked(boolean itServes, Now now) {
        lastSeen = now.wall();
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

    /** Confirmed dead, or never begun. */
    boolean dead() {
        return switch (state) {
            case ReplicaState.Gone _, ReplicaState.CrashLoop _ -> true;
            case ReplicaState.Waiting _, ReplicaState.Launched _ -> false;
        };
    }

    /** Why it has to be restarted; empty if it need not. */
    Optional<String> ailment(Now now) {
        Duration silence = silence(now);
        if (silence.compareTo(timing.restartAfter()) >= 0) {
            return Optional.of(silent(now));
        }
        Duration unanswered = now.since(answerMillis);
        if (reachable().isPresent()
                && component.stallTimeout().isPositive()
                && unanswered.compareTo(component.stallTimeout()) >= 0) {
            // Its core is what answers: it is stopped, or hangs in the component's own code.
            return Optional.of("no progress and no answer for " + unanswered.toSeconds() + " s");
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

    /** It has to answer, and it has to ask: who does only one of the two is cut off. */
    private Duration silence(Now now) {
        return now.since(Math.min(heartbeatMillis, answerMillis));
    }

    private String silent(Now now) {
        String seconds = silence(now).toSeconds() + " s";
        if (registration == null) {
            return "it has not registered for " + seconds;
        }
        Duration unhealthy = timing.unhealthyAfter();
        if (now.since(heartbeatMillis).compareTo(unhealthy) < 0) {
            return "it sends heartbeats but has not answered for " + seconds;
        }
        return now.since(answerMillis).compareTo(unhealthy) < 0
                ? "it answers but has sent no heartbeat for " + seconds
                : "it has been silent for " + seconds;
    }

    Health health(Now now) {
        return switch (state) {
            case ReplicaState.Waiting _ when crashLoops() -> Health.HEALTH_CRASH_LOOP;
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
            return crashLoops() ? Health.HEALTH_CRASH_LOOP : Health.HEALTH_STARTING;
        }
        return serving ? Health.HEALTH_HEALTHY : Health.HEALTH_UNHEALTHY;
    }

    private boolean silentTooLong(Now now) {
        return silence(now).compareTo(timing.unhealthyAfter()) >= 0;
    }

    /** Why it is not healthy, for people; empty if it is. */
    String reason(Now now) {
        return switch (state) {
            case ReplicaState.Waiting waiting -> looping(waiting.reason());
            case ReplicaState.Stopping stopping -> stopping.reason();
            case ReplicaState.Gone gone -> gone.reason();
            case ReplicaState.CrashLoop loop -> loop.reason();
            case ReplicaState.Launching _ -> looping("its process is being started");
            case ReplicaState.Up _ -> reasonOfInstance(now);
        };
    }

    private String looping(String what) {
        if (!crashLoops()) {
            return what;
        }
        return "it has ended " + failedStarts + " times before it was ready"
                + StandardError.cause(lastErrorLines).map(line -> ": " + line).orElse("; " + what);
    }

    private String reasonOfInstance(Now now) {
        if (registration == null) {
            return looping("it has started but not registered yet");
        }
        if (!registration.present()) {
            return registration.leaving();
        }
        if (silentTooLong(now)) {
            return silent(now);
        }
        if (description == null) {
            return looping("it has registered but not answered yet");
        }
        if (phase() == ComponentPhase.COMPONENT_PHASE_STARTING) {
            return looping("it has registered and is getting ready");
        }
        if (phase() == ComponentPhase.COMPONENT_PHASE_FAILED) {
            return description.getError();
        }
        return serving ? progress().getHolding() : "its own health check says that it cannot serve";
    }
}
