// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import io.fiso.driver.Status;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.Health;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.DescribeResponse;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides about one run: news in, effects out. No clock, no thread, no I/O; one thread calls it. Every method adds what it wants done to the
 * effects, which {@link #takeEffects} hands over.
 */
final class RunMachine {
    /** How many replaced instances are remembered by name, so that they are told to exit. */
    private static final int FENCED_MAX = 1_000;

    private final String run;
    private final ResolvedPipeline pipeline;
    private final Timing timing;
    private final Instant startedAt;
    private final Map<ReplicaId, Replica> replicas = new LinkedHashMap<>();
    private final Conservation conservation;
    private final Set<String> fenced = new LinkedHashSet<>();
    private List<Effect> effects = new ArrayList<>();

    private RunPhase phase = new RunPhase.Starting();
    private long lastGeneration;
    private long wiringVersion = 1;
    private @Nullable Failure firstError;
    private @Nullable Instant endedAt;

    /** @param lastGeneration the highest generation granted in any earlier run of this pipeline */
    RunMachine(String run, ResolvedPipeline pipeline, Timing timing, long lastGeneration, Now now) {
        this.run = run;
        this.pipeline = pipeline;
        this.timing = timing;
        this.lastGeneration = lastGeneration;
        this.startedAt = now.wall();
        this.conservation = new Conservation(pipeline);
        for (ResolvedComponent component : pipeline.components()) {
            for (int index = 0; index < component.replicas(); index++) {
                ReplicaId id = new ReplicaId(component.id(), index);
                replicas.put(id, new Replica(id, component, timing, now));
            }
        }
    }

    /** What was decided since the last call, in order. */
    List<Effect> takeEffects() {
        List<Effect> taken = effects;
        effects = new ArrayList<>();
        return taken;
    }

    String run() {
        return run;
    }

    ResolvedPipeline pipeline() {
        return pipeline;
    }

    RunPhase phase() {
        return phase;
    }

    Instant startedAt() {
        return startedAt;
    }

    Optional<Instant> endedAt() {
        return Optional.ofNullable(endedAt);
    }

    Optional<Failure> firstError() {
        return Optional.ofNullable(firstError);
    }

    long lastGeneration() {
        return lastGeneration;
    }

    long wiringVersion() {
        return wiringVersion;
    }

    boolean ended() {
        return phase instanceof RunPhase.Ended;
    }

    List<Replica> replicas() {
        return List.copyOf(replicas.values());
    }

    Conservation conservation() {
        return conservation;
    }

    Replica replica(ReplicaId id) {
        Replica replica = replicas.get(id);
        if (replica == null) {
            throw new ControlPlaneException(
                    Kind.NOT_FOUND,
                    "component.unknown",
                    "run \"" + run + "\" has no component \"" + id.component() + "\" with a replica " + id.index());
        }
        return replica;
    }

    List<Replica> replicasOf(String component) {
        return replicas.values().stream()
                .filter(replica -> replica.id().component().equals(component))
                .toList();
    }

    /** Events accepted by sources and not settled. */
    long inFlight() {
        return replicas.values().stream()
                .filter(Replica::isSource)
                .mapToLong(replica -> replica.progress().getInFlight())
                .sum();
    }

    // News of the driver.

    void launched(ReplicaId id, int launch, long pid) {
        Replica replica = replica(id);
        if (replica.state instanceof ReplicaState.Launching launching && launching.launch() == launch) {
            replica.state = launching.up();
        }
        if (current(replica, launch)) {
            replica.launchedPid = pid;
            effects.add(new Effect.Save());
        }
    }

    /** @param permanent whether trying again is of no use */
    void launchFailed(ReplicaId id, int launch, String code, String reason, boolean permanent, Now now) {
        Replica replica = replica(id);
        if (!current(replica, launch)) {
            return;
        }
        note(Level.ERROR, "component could not be started: " + reason, id);
        keepError(new Failure(id.component(), code, reason, now.wall()));
        boolean toldToEnd = replica.state instanceof ReplicaState.Stopping stopping && !stopping.again();
        if (phase instanceof RunPhase.Ending || toldToEnd) {
            replica.state = new ReplicaState.Gone(reason);
        } else if (permanent) {
            replica.state = new ReplicaState.CrashLoop(reason);
            fail(new Failure(id.component(), code, reason, now.wall()));
        } else {
            restartOrGiveUp(replica, code, reason, now);
        }
        advance(now);
    }

    /** The driver confirms that this launch is dead. */
    void ended(ReplicaId id, int launch, Status.Ended end, List<String> lastErrorLines, Now now) {
        Replica replica = replica(id);
        if (!current(replica, launch)) {
            return;
        }
        boolean finished = replica.done() && end.success();
        replica.lastErrorLines = lastErrorLines;
        replica.registration().ifPresent(registration -> fence(registration.instance()));
        boolean wired = replica.registration != null;
        // Its last words stay readable; a restart forgets them.
        replica.registration = null;
        if (wired) {
            rewire();
        }
        afterEnd(replica, end, finished, now);
        effects.add(new Effect.Save());
        advance(now);
    }

    private void afterEnd(Replica replica, Status.Ended end, boolean finished, Now now) {
        if (replica.state instanceof ReplicaState.Stopping stopping) {
            if (stopping.again() && phase instanceof RunPhase.Live) {
                restartOrGiveUp(replica, "component.unresponsive", stopping.reason(), now);
            } else {
                replica.state = new ReplicaState.Gone(stopping.reason());
            }
            return;
        }
        if (phase instanceof RunPhase.Ending) {
            replica.state = new ReplicaState.Gone(end.describe());
            return;
        }
        ResolvedComponent.Restart.Policy policy = replica.component().restart().policy();
        boolean over = finished
                || end.success() && replica.isService() && policy != ResolvedComponent.Restart.Policy.ALWAYS
                || phase instanceof RunPhase.Draining && replica.isSource();
        if (over) {
            replica.state = new ReplicaState.Gone(finished ? "finished" : end.describe());
            note(finished ? Level.INFO : Level.WARNING, "component ended: " + end.describe(), replica.id());
            return;
        }
        String reason = (end.success() ? "it ended without being told to" : end.describe())
                + (replica.lastErrorLines.isEmpty() ? "" : ": " + replica.lastErrorLines.getLast());
        keepError(new Failure(replica.id().component(), "component.ended", reason, now.wall()));
        note(Level.WARNING, "component failed: " + reason, replica.id());
        if (policy == ResolvedComponent.Restart.Policy.NEVER) {
            replica.state = new ReplicaState.Gone(reason);
            fail(new Failure(
                    replica.id().component(),
                    "component.ended",
                    reason + "; its restart policy is \"never\"",
                    now.wall()));
        } else {
            restartOrGiveUp(replica, "component.ended", reason, now);
        }
    }

    private void restartOrGiveUp(Replica replica, String code, String reason, Now now) {
        replica.forgetInstance(now);
        ResolvedComponent.Restart restart = replica.component().restart();
        replica.restartTimes.removeIf(time -> now.since(time).compareTo(restart.window()) > 0);
        int recent = replica.restartTimes.size();
        keepError(new Failure(replica.id().component(), code, reason, now.wall()));
        if (recent >= restart.maxRestarts()) {
            String message = reason + " (restarted " + recent + " times within "
                    + restart.window().toMinutes() + " min, which spends its budget)";
            replica.state = new ReplicaState.CrashLoop(message);
            note(Level.ERROR, "component crash-loops: " + message, replica.id());
            fail(new Failure(replica.id().component(), "component.crash_loop", message, now.wall()));
            return;
        }
        replica.restartTimes.addLast(now.millis());
        replica.restarts++;
        Duration delay = backoff(restart, recent);
        replica.state = new ReplicaState.Waiting(now.after(delay), reason);
        note(Level.INFO, "component is restarted in " + delay.toMillis() + " ms", replica.id());
    }

    private static Duration backoff(ResolvedComponent.Restart restart, int attempt) {
        Duration delay = restart.initialBackoff().multipliedBy(1L << Math.min(attempt, 20));
        return delay.compareTo(restart.maxBackoff()) > 0 ? restart.maxBackoff() : delay;
    }

    // News of the components.

    /** Grants a generation, or refuses with a reason. */
    Replica register(RegisterComponentRequest request, Now now) {
        List<Replica> candidates = replicasOf(request.getComponent());
        if (candidates.isEmpty()) {
            throw unknown(request.getComponent());
        }
        refuseFenced(request.getComponent(), request.getInstance());
        if (phase instanceof RunPhase.Ending || phase instanceof RunPhase.Ended) {
            throw new ControlPlaneException(
                    Kind.REFUSED, "run.ended", "run \"" + run + "\" is ending; nothing joins it any more");
        }
        Optional<Replica> known = find(candidates, request.getInstance());
        if (known.isPresent()) {
            Replica replica = known.get();
            replica.registration = replica.registration().orElseThrow().repeated(request);
            replica.seen(now);
            rewire();
            return replica;
        }
        Replica replica = vacancy(candidates, request);
        replica.generation = ++lastGeneration;
        replica.registration = new Registration(request, replica.generation, now.wall(), "");
        replica.registeredMillis = now.millis();
        replica.seen(now);
        note(Level.INFO, "component registered at " + request.getAddress(), replica.id());
        rewire();
        effects.add(new Effect.Save());
        return replica;
    }

    private static Optional<Replica> find(List<Replica> among, String instance) {
        return among.stream()
                .filter(replica -> replica.registration()
                        .filter(registration -> registration.instance().equals(instance))
                        .isPresent())
                .findFirst();
    }

    /** The launch that this instance is: of the replica it was started as; else by its process id; else the first that nobody has claimed. */
    private static Replica vacancy(List<Replica> candidates, RegisterComponentRequest request) {
        List<Replica> vacant = candidates.stream()
                .filter(replica -> replica.registration == null)
                .filter(replica -> !request.hasReplica() || replica.id().index() == request.getReplica())
                .filter(replica ->
                        replica.state instanceof ReplicaState.Launching || replica.state instanceof ReplicaState.Up)
                .toList();
        return vacant.stream()
                .filter(replica -> replica.launchedPid != 0 && replica.launchedPid == request.getPid())
                .findFirst()
                .or(() -> vacant.stream().findFirst())
                .orElseThrow(() -> duplicate(candidates, request));
    }

    private static ControlPlaneException duplicate(List<Replica> candidates, RegisterComponentRequest request) {
        Optional<Registration> holder = candidates.stream()
                .filter(replica -> !request.hasReplica() || replica.id().index() == request.getReplica())
                .map(Replica::registration)
                .flatMap(Optional::stream)
                .findFirst();
        return holder.map(registration -> new ControlPlaneException(
                        Kind.EXISTS,
                        "component.duplicate",
                        "component \"" + request.getComponent() + "\" at " + request.getAddress()
                                + " is refused: a live instance at " + registration.address()
                                + " holds that id; stop one of them, or give it another id"))
                .orElseGet(() -> new ControlPlaneException(
                        Kind.REFUSED,
                        "component.not_launched",
                        "component \"" + request.getComponent() + "\" at " + request.getAddress()
                                + " is refused: this run has not launched it"));
    }

    private void refuseFenced(String component, String instance) {
        if (fenced.contains(instance)) {
            throw new ControlPlaneException(
                    Kind.REFUSED,
                    "component.fenced",
                    "instance " + instance + " of component \"" + component + "\" has been replaced and must exit");
        }
    }

    /** Whether this instance is registered here, or was until it was replaced. */
    boolean knows(String component, String instance) {
        return fenced.contains(instance)
                || find(replicasOf(component), instance).isPresent();
    }

    private ControlPlaneException unknown(String component) {
        return new ControlPlaneException(
                Kind.NOT_FOUND, "component.unknown", "run \"" + run + "\" has no component \"" + component + "\"");
    }

    /** The replica that this instance holds with this generation. */
    Replica holder(String component, String instance, long generation) {
        refuseFenced(component, instance);
        Replica replica = find(replicasOf(component), instance)
                .orElseThrow(() -> new ControlPlaneException(
                        Kind.NOT_FOUND,
                        "component.not_registered",
                        "instance " + instance + " of component \"" + component
                                + "\" is not registered; register again"));
        if (generation != replica.generation) {
            throw new ControlPlaneException(
                    Kind.REFUSED,
                    "component.stale_generation",
                    "generation " + generation + " of component \"" + component + "\" is not in force; generation "
                            + replica.generation + " is");
        }
        return replica;
    }

    void heartbeat(String component, String instance, long generation, Now now) {
        holder(component, instance, generation).seen(now);
    }

    void deregister(String component, String instance, long generation, String reason, Now now) {
        Replica replica = holder(component, instance, generation);
        replica.registration = replica.registration().orElseThrow().left(reason);
        replica.seen(now);
        note(Level.INFO, "component says goodbye: " + reason, replica.id());
        rewire();
    }

    /** @param answer empty if it did not answer */
    void described(ReplicaId id, String instance, Optional<DescribeResponse> answer, Now now) {
        Replica replica = replica(id);
        if (replica.reachable().filter(r -> r.instance().equals(instance)).isEmpty()) {
            return;
        }
        replica.describing = false;
        // An answer of another process at the same address is no sign of life.
        answer.filter(description -> description.getInstance().equals(instance)).ifPresent(description -> {
            replica.described(description, now);
            conservation.described(
                    replica,
                    (component, index) -> Optional.ofNullable(replicas.get(new ReplicaId(component, index))),
                    now);
        });
        if (replica.phase() == ComponentPhase.COMPONENT_PHASE_FAILED && answer.isPresent()) {
            keepError(
                    new Failure(id.component(), "component.failed", answer.get().getError(), now.wall()));
        }
        advance(now);
    }

    /** @param serving empty if it did not answer */
    void healthChecked(ReplicaId id, String instance, Optional<Boolean> serving, Now now) {
        Replica replica = replica(id);
        if (replica.reachable().filter(r -> r.instance().equals(instance)).isPresent()) {
            replica.checking = false;
            serving.ifPresent(itServes -> replica.healthChecked(itServes, now));
        }
    }

    // What people want.

    /** Drains and ends the run; while it drains, a second stop ends it at once. */
    void stop(Duration grace, boolean kill, Now now) {
        switch (phase) {
            case RunPhase.Starting starting when !kill -> drain(starting.drain(now.millis(), now.after(grace)), grace);
            case RunPhase.Running running when !kill -> drain(running.drain(now.millis(), now.after(grace)), grace);
            case RunPhase.Live live -> {
                note(Level.WARNING, "run is killed", null);
                phase = live.end(new Outcome.Stopped(inFlight(), true)).all(new Outcome.Stopped(inFlight(), true));
                stopStage(Duration.ZERO);
            }
            case RunPhase.Ending ending -> {
                phase = ending.all(ending.outcome());
                stopStage(Duration.ZERO);
            }
            case RunPhase.Ended _ -> {}
        }
        effects.add(new Effect.Save());
        advance(now);
    }

    private void drain(RunPhase.Draining draining, Duration grace) {
        note(Level.INFO, "run drains", null);
        phase = draining;
        for (Replica replica : replicas.values()) {
            replica.settledSightings = 0;
            replica.describeAtMillis = 0;
            if (replica.isSource()) {
                if (replica.reachable().isPresent()) {
                    effects.add(new Effect.Drain(replica.id(), grace));
                } else {
                    // It has accepted nothing that anybody knows of: there is nothing to wait for.
                    stop(replica, "stopped before it was ready", timing.stopGrace());
                }
            }
        }
    }

    // Time.

    void tick(Now now) {
        for (Replica replica : replicas.values()) {
            switch (replica.state) {
                case ReplicaState.Waiting waiting
                when phase instanceof RunPhase.Live && now.passed(waiting.untilMillis()) ->
                    launch(replica, waiting, now);
                case ReplicaState.Launching _, ReplicaState.Up _ -> watch(replica, now);
                default -> {}
            }
        }
        advance(now);
    }

    private void launch(Replica replica, ReplicaState.Waiting waiting, Now now) {
        replica.launches++;
        replica.forgetInstance(now);
        replica.state = waiting.launch(replica.launches);
        effects.add(new Effect.Launch(replica.id(), replica.launches));
    }

    private void watch(Replica replica, Now now) {
        Optional<String> ailment = phase instanceof RunPhase.Live ? replica.ailment(now) : Optional.empty();
        if (ailment.isPresent() && replica.state instanceof ReplicaState.Launched launched) {
            note(Level.WARNING, "component is restarted: " + ailment.get(), replica.id());
            replica.state = launched.stop(ailment.get(), true);
            effects.add(new Effect.Stop(replica.id(), launched.launch(), timing.stopGrace()));
            return;
        }
        Optional<Registration> reachable = replica.reachable();
        if (reachable.isEmpty()) {
            return;
        }
        if (!replica.describing && now.passed(replica.describeAtMillis)) {
            replica.describing = true;
            replica.askedMillis = now.millis();
            replica.describeAtMillis = now.after(describeInterval());
            effects.add(new Effect.Describe(replica.id(), reachable.get().instance()));
        }
        if (!replica.checking && now.passed(replica.checkAtMillis)) {
            replica.checking = true;
            replica.checkAtMillis = now.after(timing.healthCheck());
            effects.add(new Effect.CheckHealth(replica.id(), reachable.get().instance()));
        }
    }

    private Duration describeInterval() {
        boolean close = !(phase instanceof RunPhase.Running)
                || replicas.values().stream().anyMatch(Replica::done);
        return close ? timing.describeWhenClose() : timing.describe();
    }

    // Where it goes from here.

    /** Moves on as far as what is known allows. */
    private void advance(Now now) {
        if (phase instanceof RunPhase.Starting starting && all(replica -> ready(replica, now))) {
            note(Level.INFO, "run is up", null);
            phase = starting.run();
            effects.add(new Effect.Save());
        }
        if (phase instanceof RunPhase.Live live && !(phase instanceof RunPhase.Draining) && complete()) {
            end(live, new Outcome.Completed());
        }
        if (phase instanceof RunPhase.Draining draining) {
            if (all(RunMachine::settled)) {
                end(draining, new Outcome.Stopped(0, false));
            } else if (now.passed(draining.deadlineMillis())) {
                end(draining, new Outcome.Stopped(inFlight(), false));
            }
        }
        while (phase instanceof RunPhase.Ending ending
                && all(replica -> !inStage(replica, ending.stage()) || dead(replica))) {
            if (ending.stage() == RunPhase.Stage.ALL) {
                endedAt = now.wall();
                phase = ending.ended();
                note(Level.INFO, "run has ended", null);
                effects.add(new Effect.Save());
            } else {
                phase = ending.next();
                stopStage(timing.stopGrace());
            }
        }
    }

    private boolean all(Predicate<Replica> condition) {
        return replicas.values().stream().allMatch(condition);
    }

    private static boolean ready(Replica replica, Now now) {
        return replica.health(now) == Health.HEALTH_HEALTHY || replica.state instanceof ReplicaState.Gone;
    }

    /** Every source has ended, every event has its fate, and everybody knows. */
    private boolean complete() {
        boolean bounded = replicas.values().stream().anyMatch(replica -> !replica.isService());
        return bounded
                && all(replica -> replica.isService()
                        || replica.done() && replica.progress().getInFlight() == 0);
    }

    /** Nothing of it is in flight: seen twice, since a source may be about to emit when it is asked. */
    private static boolean settled(Replica replica) {
        return switch (replica.state) {
            case ReplicaState.Gone _, ReplicaState.CrashLoop _ -> true;
            case ReplicaState.Waiting _, ReplicaState.Stopping _ -> replica.isService();
            case ReplicaState.Launching _, ReplicaState.Up _ ->
                replica.isService() || replica.settledSightings >= 2 || replica.done() && replica.settledSightings >= 1;
        };
    }

    private void end(RunPhase.Live live, Outcome outcome) {
        note(Level.INFO, "run ends", null);
        phase = live.end(outcome);
        effects.add(new Effect.Save());
        stopStage(timing.stopGrace());
    }

    private void fail(Failure failure) {
        keepError(failure);
        if (phase instanceof RunPhase.Live live) {
            Outcome outcome = new Outcome.Failed(failure);
            phase = live.end(outcome).all(outcome);
            effects.add(new Effect.Save());
            stopStage(timing.stopGrace());
        }
    }

    private void stopStage(Duration grace) {
        if (phase instanceof RunPhase.Ending ending) {
            replicas.values().stream()
                    .filter(replica -> inStage(replica, ending.stage()))
                    .forEach(replica -> stop(replica, "stopped with its run", grace));
        }
    }

    private void stop(Replica replica, String reason, Duration grace) {
        switch (replica.state) {
            case ReplicaState.Waiting _ -> replica.state = new ReplicaState.Gone(reason);
            case ReplicaState.Stopping stopping when !grace.isZero() -> replica.state = stopping.stop(reason, false);
            case ReplicaState.Launched launched -> {
                replica.state = launched.stop(reason, false);
                effects.add(new Effect.Stop(replica.id(), launched.launch(), grace));
            }
            case ReplicaState.Gone _, ReplicaState.CrashLoop _ -> {}
        }
    }

    private static boolean inStage(Replica replica, RunPhase.Stage stage) {
        return switch (stage) {
            case SOURCES -> replica.isSource();
            case PROCESSORS -> replica.isSource() || replica.component().kind() == ResolvedComponent.Kind.PROCESSOR;
            case ALL -> true;
        };
    }

    private static boolean dead(Replica replica) {
        return switch (replica.state) {
            case ReplicaState.Gone _, ReplicaState.CrashLoop _ -> true;
            case ReplicaState.Waiting _, ReplicaState.Launched _ -> false;
        };
    }

    private static boolean current(Replica replica, int launch) {
        return replica.state instanceof ReplicaState.Launched launched && launched.launch() == launch;
    }

    private void rewire() {
        wiringVersion++;
        effects.add(new Effect.PublishWiring());
    }

    private void fence(String instance) {
        fenced.add(instance);
        if (fenced.size() > FENCED_MAX) {
            fenced.remove(fenced.iterator().next());
        }
    }

    private void keepError(Failure failure) {
        if (firstError == null) {
            firstError = failure;
        }
    }

    private void note(Level level, String message, @Nullable ReplicaId replica) {
        effects.add(new Effect.Note(level, message, replica == null ? "" : replica.toString()));
    }
}
