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
import io.fiso.proto.stream.v1.Progress;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Decides about one run: news in, effects out. No clock, no thread, no I/O; one thread calls it. Every method adds what it wants done to the
 * effects, which {@link #takeEffects} hands over.
 */
final class RunMachine {
    /** The exit status by which a component says that starting it again is of no use. */
    static final int EXIT_FOR_GOOD = 65;

    private final String run;
    private final ResolvedPipeline pipeline;
    private final Timing timing;
    private final Instant startedAt;
    private final Roster roster;
    private final Admission admission;
    private final Conservation conservation;
    private final DurableEnds durableEnds;
    private List<Effect> effects = new ArrayList<>();

    private RunPhase phase = new RunPhase.Starting();
    private long wiringVersion;
    private @Nullable Failure firstError;
    private @Nullable Instant endedAt;

    /** @param lastGeneration the highest generation granted in any earlier run of this pipeline */
    RunMachine(String run, ResolvedPipeline pipeline, Timing timing, long lastGeneration, Now now) {
        this.run = run;
        this.pipeline = pipeline;
        this.timing = timing;
        this.startedAt = now.wall();
        this.wiringVersion = 1;
        this.roster = new Roster(
                run,
                replicas(pipeline).stream()
                        .map(id -> new Replica(id, pipeline.component(id.component()), timing, now))
                        .toList());
        this.admission = new Admission(run, roster, lastGeneration);
        this.conservation = new Conservation(pipeline);
        this.durableEnds = new DurableEnds(pipeline, roster);
    }

    /** The run of a control plane that is gone, as it was stored. What was up then counts as up until news says otherwise (guarantee D11). */
    RunMachine(RunStore.LiveRun stored, ResolvedPipeline pipeline, Timing timing, Now now) {
        this.run = stored.run();
        this.pipeline = pipeline;
        this.timing = timing;
        this.startedAt = stored.startedAt();
        this.wiringVersion = stored.wiringVersion() + 1;
        this.roster = new Roster(
                run,
                replicas(pipeline).stream()
                        .map(id -> stored.instance(id)
                                .map(known -> new Replica(known, pipeline.component(id.component()), timing, now))
                                .orElseGet(() -> new Replica(id, pipeline.component(id.component()), timing, now)))
                        .toList());
        this.admission = new Admission(run, roster, stored.lastGeneration());
        this.conservation = new Conservation(pipeline);
        this.durableEnds = new DurableEnds(pipeline, roster);
        this.firstError = stored.firstError().orElse(null);
        this.phase = stored.paused().isEmpty() ? new RunPhase.Running() : new RunPhase.Paused(stored.paused());
    }

    private static List<ReplicaId> replicas(ResolvedPipeline pipeline) {
        return pipeline.components().stream()
                .flatMap(component -> IntStream.range(0, component.replicas())
                        .mapToObj(index -> new ReplicaId(component.id(), index)))
                .toList();
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
        return admission.lastGeneration();
    }

    long wiringVersion() {
        return wiringVersion;
    }

    boolean ended() {
        return phase instanceof RunPhase.Ended;
    }

    List<Replica> replicas() {
        return roster.all();
    }

    Conservation conservation() {
        return conservation;
    }

    Replica replica(ReplicaId id) {
        return roster.get(id);
    }

    List<Replica> replicasOf(String component) {
        return roster.of(component);
    }

    /** Whether the source of a durable edge has ended at the end of its stream. */
    boolean readToItsEnd(String source) {
        List<Replica> holders = roster.of(source);
        return holders.stream()
                .allMatch(replica -> !DurableEnds.told(replica).isEmpty() && durableEnds.complete(replica));
    }

    /** Events accepted by sources and not settled. */
    long inFlight() {
        return roster.sources()
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
        Failure failure = new Failure(id.component(), code, reason, now.wall());
        keepError(failure);
        boolean toldToEnd = replica.state instanceof ReplicaState.Stopping stopping && !stopping.again();
        if (phase instanceof RunPhase.Ending || toldToEnd) {
            replica.state = new ReplicaState.Gone(reason);
        } else if (permanent) {
            replica.state = new ReplicaState.CrashLoop(reason);
            fail(failure);
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
        replica.lastErrorLines = lastErrorLines;
        boolean finished = replica.done() && endedWell(replica, end);
        Optional<Registration> registration = replica.registration();
        registration.map(Registration::instance).ifPresent(admission::fence);
        // Its last words stay readable; a restart forgets them.
        replica.registration = null;
        if (registration.isPresent()) {
            rewire();
        }
        afterEnd(replica, end, finished, now);
        effects.add(new Effect.Save());
        advance(now);
    }

    /** Of what an earlier control plane had started the exit code is not known; who said goodbye has ended as it should. */
    private static boolean endedWell(Replica replica, Status.Ended end) {
        boolean saidGoodbye =
                replica.registration().isPresent() && replica.reachable().isEmpty();
        return end.success() || end.equals(Status.Ended.UNKNOWN) && saidGoodbye;
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
                + StandardError.cause(replica.lastErrorLines)
                        .map(line -> ": " + line)
                        .orElse("");
        note(Level.WARNING, "component failed: " + reason, replica.id());
        if (end.exitCode().orElse(0) == EXIT_FOR_GOOD) {
            giveUp(replica, "component.failed_for_good", reason, now);
        } else if (policy == ResolvedComponent.Restart.Policy.NEVER) {
            giveUp(replica, "component.ended", reason + "; its restart policy is \"never\"", now);
        } else {
            restartOrGiveUp(replica, "component.ended", reason, now);
        }
    }

    private void giveUp(Replica replica, String code, String reason, Now now) {
        replica.state = new ReplicaState.Gone(reason);
        fail(new Failure(replica.id().component(), code, reason, now.wall()));
    }

    private void restartOrGiveUp(Replica replica, String code, String reason, Now now) {
        boolean wasOut = replica.out();
        replica.failed(now);
        if (replica.out() != wasOut) {
            rewire();
        }
        keepError(new Failure(replica.id().component(), code, reason, now.wall()));
        Optional<Duration> delay = replica.restarts.take(now);
        if (delay.isPresent()) {
            replica.state = new ReplicaState.Waiting(now.after(delay.get()), reason);
            note(Level.INFO, "component is restarted in " + delay.get().toMillis() + " ms", replica.id());
            return;
        }
        String message = reason + " (" + replica.restarts.spent() + ")";
        replica.state = new ReplicaState.CrashLoop(message);
        note(Level.ERROR, "component crash-loops: " + message, replica.id());
        fail(new Failure(replica.id().component(), "component.crash_loop", message, now.wall()));
    }

    // News of the components.

    /** Grants a generation, or refuses with a reason. */
    Replica register(RegisterComponentRequest request, Now now) {
        if (phase instanceof RunPhase.Ending || phase instanceof RunPhase.Ended) {
            throw new ControlPlaneException(
                    Kind.REFUSED, "run.ended", "run \"" + run + "\" is ending; nothing joins it any more");
        }
        Replica replica = admission.admit(request, now);
        note(Level.INFO, "component registered at " + request.getAddress(), replica.id());
        rewire();
        effects.add(new Effect.Save());
        hold(replica);
        return replica;
    }

    /** Whether this instance is registered here, or was until it was replaced. */
    boolean knows(String component, String instance) {
        return admission.knows(component, instance);
    }

    /** The replica that this instance holds with this generation. */
    Replica holder(String component, String instance, long generation) {
        return admission.holder(component, instance, generation);
    }

    /** @param wiringVersion what is in force there; newer than ours if it came from an earlier control plane that died before it stored it */
    void heartbeat(String component, String instance, long generation, long wiringVersion, Now now) {
        holder(component, instance, generation).heartbeat(now);
        if (wiringVersion > this.wiringVersion) {
            this.wiringVersion = wiringVersion;
            rewire();
        }
    }

    /** @param last how far it has come in the end, if it says so */
    void deregister(
            String component, String instance, long generation, String reason, Optional<Progress> last, Now now) {
        Replica replica = holder(component, instance, generation);
        last.ifPresent(progress -> {
            replica.lastWord(progress, now);
            conservation.described(replica, roster::find, now);
        });
        replica.registration = replica.registration().orElseThrow().left(reason);
        replica.heartbeat(now);
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
        answer.filter(description -> description.getInstance().equals(instance))
                .ifPresent(description -> described(replica, description, now));
        advance(now);
    }

    private void described(Replica replica, DescribeResponse description, Now now) {
        replica.described(description, now);
        conservation.described(replica, roster::find, now);
        if (replica.phase() == ComponentPhase.COMPONENT_PHASE_FAILED) {
            keepError(new Failure(replica.id().component(), "component.failed", description.getError(), now.wall()));
        }
        if (replica.paused().isEmpty()) {
            replica.resuming = false;
            hold(replica);
        } else if (replica.resuming) {
            effects.add(new Effect.Resume(replica.id()));
        }
        if (phase instanceof RunPhase.Open) {
            durableEnds.endOf(replica).ifPresent(mark -> finish(replica, mark));
        }
    }

    /** What feeds the stream that it reads has ended: it may end too, and is told so until it shows that it knows. */
    private void finish(Replica replica, String mark) {
        String told = DurableEnds.told(replica);
        if (told.isEmpty()) {
            effects.add(new Effect.Finish(replica.id(), mark));
        } else if (!told.equals(mark)
                && replica.state instanceof ReplicaState.Launched launched
                && !(launched instanceof ReplicaState.Stopping)) {
            // A source before it was started again since: what that appended may lie behind the end that it was told
            // of.
            restart(replica, launched, "what feeds its stream has ended anew");
        }
    }

    private void restart(Replica replica, ReplicaState.Launched launched, String reason) {
        note(Level.WARNING, "component is restarted: " + reason, replica.id());
        replica.state = launched.stop(reason, true);
        effects.add(new Effect.Stop(replica.id(), launched.launch(), timing.stopGrace()));
    }

    /** @param serving empty if it did not answer */
    void healthChecked(ReplicaId id, String instance, Optional<Boolean> serving, Now now) {
        Replica replica = replica(id);
        if (replica.reachable().filter(r -> r.instance().equals(instance)).isPresent()) {
            replica.checking = false;
            serving.ifPresent(itServes -> replica.healthChecked(itServes, now));
        }
    }

    /** It was told to stop, and says how much is not settled. */
    void stopping(ReplicaId id, int launch, long unsettled) {
        Replica replica = replica(id);
        if (current(replica, launch)) {
            replica.stopping(unsettled);
        }
    }

    // What people want.

    /** Holds the run: sources emit nothing more and keep their place. Of a run that is held, only the reason changes. */
    void pause(String reason) {
        if (!(phase instanceof RunPhase.Open open)) {
            throw new ControlPlaneException(
                    Kind.REFUSED, "run.not_pausable", "run \"" + run + "\" is being stopped; it cannot be paused");
        }
        note(Level.INFO, "run is paused: " + reason, null);
        phase = open.pause(reason);
        roster.sources().forEach(source -> source.resuming = false);
        roster.sources().forEach(this::hold);
        effects.add(new Effect.Save());
    }

    /** A source of a run that is held is told so whenever it does not show it: when it registers, and when it was not heard. */
    private void hold(Replica replica) {
        if (phase instanceof RunPhase.Paused(String reason)
                && replica.isSource()
                && replica.reachable().isPresent()) {
            effects.add(new Effect.Pause(replica.id(), reason));
        }
    }

    /** Lets the run go on, and the sources that paused by themselves. */
    void resume() {
        note(Level.INFO, "run goes on", null);
        if (phase instanceof RunPhase.Paused paused) {
            phase = paused.resume();
        }
        roster.sources().filter(source -> source.reachable().isPresent()).forEach(source -> {
            source.resuming = true;
            effects.add(new Effect.Resume(source.id()));
        });
        effects.add(new Effect.Save());
    }

    /** Drains and ends the run; while it drains, a second stop ends it at once. */
    void stop(Duration grace, boolean kill, Now now) {
        switch (phase) {
            case RunPhase.Open open when !kill -> drain(open.drain(now.millis(), now.after(grace)), grace);
            case RunPhase.Live live -> {
                note(Level.WARNING, "run is killed", null);
                Outcome outcome = new Outcome.Stopped(inFlight(), true);
                phase = live.end(outcome).all(outcome);
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
        for (Replica replica : roster.all()) {
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
        for (Replica replica : roster.all()) {
            switch (replica.state) {
                case ReplicaState.Waiting waiting
                when phase instanceof RunPhase.Live && now.passed(waiting.untilMillis()) ->
                    launch(replica, waiting, now);
                case ReplicaState.Launching _, ReplicaState.Up _ -> watch(replica, now);
                case ReplicaState.Stopping _ when replica.isSource() -> ask(replica, now);
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
            restart(replica, launched, ailment.get());
            return;
        }
        ask(replica, now);
    }

    private void ask(Replica replica, Now now) {
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
        boolean close =
                !(phase instanceof RunPhase.Running || phase instanceof RunPhase.Paused) || roster.any(Replica::done);
        return close ? timing.describeWhenClose() : timing.describe();
    }

    // Where it goes from here.

    /** Moves on as far as what is known allows. */
    private void advance(Now now) {
        if (phase instanceof RunPhase.Starting starting && roster.all(replica -> ready(replica, now))) {
            note(Level.INFO, "run is up", null);
            phase = starting.run();
            effects.add(new Effect.Save());
        }
        if (phase instanceof RunPhase.Open open && complete()) {
            end(open, new Outcome.Completed());
        }
        if (phase instanceof RunPhase.Draining draining) {
            if (roster.all(RunMachine::settled)) {
                end(draining, new Outcome.Stopped(0, false));
            } else if (now.passed(draining.deadlineMillis())) {
                end(draining, new Outcome.Stopped(inFlight(), false));
            }
        }
        while (phase instanceof RunPhase.Ending ending
                && roster.all(replica -> !ending.stage().contains(replica) || replica.dead())) {
            if (ending.stage() == RunPhase.Stage.ALL) {
                endedAt = now.wall();
                phase = ending.ended(inFlight());
                note(Level.INFO, "run has ended", null);
                effects.add(new Effect.Save());
            } else {
                phase = ending.next();
                stopStage(timing.stopGrace());
            }
        }
    }

    private static boolean ready(Replica replica, Now now) {
        return replica.health(now) == Health.HEALTH_HEALTHY || replica.state instanceof ReplicaState.Gone;
    }

    /** Every source has ended, every event has its fate, and everybody knows. */
    private boolean complete() {
        return roster.any(replica -> !replica.isService())
                && roster.all(replica -> replica.isService() || durableEnds.complete(replica));
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
            roster.all().stream()
                    .filter(ending.stage()::contains)
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

    private static boolean current(Replica replica, int launch) {
        return replica.state instanceof ReplicaState.Launched launched && launched.launch() == launch;
    }

    private void rewire() {
        wiringVersion++;
        effects.add(new Effect.PublishWiring());
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
