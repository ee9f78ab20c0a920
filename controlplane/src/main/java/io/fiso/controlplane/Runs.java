// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import io.fiso.driver.Driver;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every run this control plane knows: the active ones, and those it remembers. For any thread; decisions go to the loop. */
final class Runs {
    /** How long components may take to end when their run has drained. */
    private static final Duration END_PATIENCE = Duration.ofSeconds(60);

    /** How many of the runs that have ended are remembered without their pipelines' stores. */
    private static final int ENDED_MAX = 100;

    private static final DateTimeFormatter ID_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final ControlPlaneConfig config;
    private final RunHomes homes;
    private final EventLoop loop;
    private final Supplier<Now> clock;
    private final Consumer<Run> onStart;
    /** Runs started here: a few at a time, so the ended ones are taken out by the tick after their last answer. */
    private final Map<String, RunExecution> active = new ConcurrentHashMap<>();

    /** Runs of a control plane that is gone, by pipeline, until somebody asks for them. */
    private final Map<String, Leftover> leftovers = new ConcurrentHashMap<>();

    private final Optional<MutualTls> tls;
    /** Where the components of each driver reach this control plane. */
    private final Map<String, String> addresses = new ConcurrentHashMap<>();

    /** Runs that a server is about to take over, by pipeline. */
    private final Map<String, Awaited> awaited = new ConcurrentHashMap<>();

    /** The last runs that ended: their pipelines' stores may be closed. */
    private final Map<String, AuditRunResponse> ended = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, AuditRunResponse> eldest) {
            return size() > ENDED_MAX;
        }
    });

    private volatile Function<Driver, String> reaching = _ -> "";
    private volatile @Nullable Adoption adoption;

    Runs(
            ControlPlaneConfig config,
            RunHomes homes,
            List<Leftover> leftovers,
            Supplier<Now> clock,
            Consumer<Run> onStart,
            Optional<MutualTls> tls) {
        this.config = config;
        this.homes = homes;
        this.tls = tls;
        this.clock = clock;
        this.onStart = onStart;
        leftovers.forEach(this::found);
        this.loop = new EventLoop(Duration.ofMillis(50), this::tick);
    }

    /**
     * A run that is about to be taken over.
     *
     * @param runs what was stored of it
     * @param reason why it is not yet
     */
    private record Awaited(List<RunStore.LiveRun> runs, String reason) {}

    /** Something was found that runs without a control plane. */
    void found(Leftover leftover) {
        leftovers.put(leftover.live().pipeline(), leftover);
    }

    /** Until {@link #arrived}, nobody starts this pipeline. */
    void await(String pipeline, List<RunStore.LiveRun> runs, String reason) {
        awaited.put(pipeline, new Awaited(runs, reason));
    }

    /** What was awaited is here, or never will be. */
    void arrived(String pipeline) {
        awaited.remove(pipeline);
    }

    /** Whether this pipeline is about to be taken over. */
    boolean awaits(String pipeline) {
        return awaited.containsKey(pipeline);
    }

    /**
     * Goes on with a run, and with its end if that had begun.
     *
     * @throws ControlPlaneException of kind ENVIRONMENT if its platform does not answer
     */
    void resume(Leftover leftover) {
        reach(leftover.driver());
        loop.ask(() -> {
            RunExecution execution = takeOver(leftover);
            if (leftover.live().ending()) {
                execution.decide(
                        now -> execution.machine().stop(leftover.pipeline().drainTimeout(), false, now));
            }
            onStart.accept(execution.shown());
            return true;
        });
    }

    /**
     * Begins to work, once components can be told where.
     *
     * @param reaching makes the control plane reachable for a driver's instances, and says at which address; may block
     */
    void open(Function<Driver, String> reaching) {
        this.reaching = reaching;
        loop.start();
    }

    private void tick() {
        for (RunExecution execution : active.values()) {
            if (execution.machine().ended()) {
                if (!execution.cleared()) {
                    continue;
                }
                ended.put(execution.machine().run(), execution.audit());
                active.remove(execution.machine().run());
                String pipeline = execution.machine().pipeline().name();
                Thread.ofVirtual().name("leave-" + pipeline).start(() -> homes.leave(pipeline));
            } else {
                execution.decide(execution.machine()::tick);
            }
        }
    }

    /**
     * Starts a pipeline, or goes on with the run of it that a control plane which is gone has left.
     *
     * @param replace whether a run of this pipeline may be drained to make room
     */
    Run start(String yaml, String file, Optional<String> driverName, boolean replace) {
        ResolvedPipeline pipeline;
        try {
            pipeline = config.compiler().compile(yaml, file, driverName);
        } catch (PipelineCompiler.InvalidPipelineException e) {
            throw new ControlPlaneException(Kind.INVALID, "pipeline.invalid", String.valueOf(e.getMessage()), e);
        }
        Driver driver = driver(pipeline.driver());
        refuseWhileAwaited(pipeline.name());
        homes.take(pipeline.name());
        try {
            reach(driver);
            Optional.ofNullable(leftovers.get(pipeline.name()))
                    .map(Leftover::driver)
                    .ifPresent(this::reach);
            Optional<RunExecution> predecessor = loop.ask(() -> predecessor(pipeline, replace));
            predecessor.ifPresent(execution -> retire(execution.machine().run(), pipeline.drainTimeout()));
            awaitCleared(pipeline.name());
            return loop.ask(() -> begin(pipeline, driver));
        } finally {
            homes.leave(pipeline.name());
        }
    }

    private void refuseWhileAwaited(String pipeline) {
        Awaited waiting = awaited.get(pipeline);
        if (waiting != null) {
            throw new ControlPlaneException(
                    Kind.REFUSED,
                    "run.not_taken_over",
                    "what an earlier server had running of pipeline \"" + pipeline + "\" is not taken over yet: "
                            + waiting.reason() + "; it is tried again and again, so try again later");
        }
    }

    /** The run that has to end first. */
    private Optional<RunExecution> predecessor(ResolvedPipeline pipeline, boolean replace) {
        Leftover leftover = leftovers.get(pipeline.name());
        if (leftover == null) {
            return replace ? activeOf(pipeline.name()) : Optional.empty();
        }
        boolean same = leftover.live().fingerprint().equals(pipeline.fingerprint());
        if (same && !leftover.live().ending()) {
            return Optional.empty();
        }
        if (!same && !replace) {
            throw new ControlPlaneException(
                    Kind.EXISTS,
                    "run.changed",
                    "pipeline \"" + pipeline.name() + "\" is running already with another content: run "
                            + leftover.live().run() + ", " + leftover.alive()
                            + " alive, whose control plane is gone; run the unchanged file to take it over, or add --replace to drain it and start this one");
        }
        return Optional.of(takeOver(leftover));
    }

    /** Drains a run and waits for its end. */
    private void retire(String run, Duration drainTimeout) {
        loop.ask(() -> {
            Optional.ofNullable(active.get(run))
                    .ifPresent(execution -> execution.decide(now -> {
                        if (execution.machine().phase() instanceof RunPhase.Open) {
                            execution.machine().stop(drainTimeout, false, now);
                        }
                    }));
            return true;
        });
        Duration patience = drainTimeout.plus(END_PATIENCE);
        if (!awaitEnd(run, patience)) {
            throw new ControlPlaneException(
                    Kind.INTERNAL,
                    "run.not_ended",
                    "run \"" + run + "\" has not ended within " + patience.toSeconds()
                            + " s; \"fisoctl pipelines stop --kill " + run + "\" ends it");
        }
    }

    /** What was made for the run before must be gone before it is made again. */
    private void awaitCleared(String pipeline) {
        for (RunExecution execution : active.values()) {
            Run last = execution.shown();
            if (last.getPipeline().equals(pipeline) && RunView.isFinal(last.getState())) {
                awaitEnd(last.getId(), END_PATIENCE);
            }
        }
    }

    private boolean awaitEnd(String run, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (active.containsKey(run)) {
                if (System.nanoTime() - deadline > 0) {
                    return false;
                }
                Thread.sleep(10);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
        return true;
    }

    private void reach(Driver driver) {
        addresses.put(driver.name(), reaching.apply(driver));
    }

    private Driver driver(String name) {
        return config.drivers().stream()
                .filter(driver -> driver.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ControlPlaneException(
                        Kind.INVALID,
                        "pipeline.unknown_driver",
                        "driver \"" + name + "\" is not available here; available: "
                                + String.join(
                                        ", ",
                                        config.drivers().stream()
                                                .map(Driver::name)
                                                .toList())));
    }

    private Run begin(ResolvedPipeline pipeline, Driver driver) {
        activeOf(pipeline.name()).ifPresent(execution -> {
            throw new ControlPlaneException(
                    Kind.EXISTS,
                    "run.already_active",
                    "pipeline \"" + pipeline.name() + "\" is running already (run "
                            + execution.machine().run() + "); \"fisoctl status " + pipeline.name()
                            + "\" shows it; add --replace to stop it first, or give this one another name");
        });
        Leftover leftover = leftovers.get(pipeline.name());
        RunExecution execution = leftover == null ? create(pipeline, driver) : takeOver(leftover);
        onStart.accept(execution.shown());
        return execution.shown();
    }

    private RunExecution create(ResolvedPipeline pipeline, Driver driver) {
        Now now = clock.get();
        String id = ID_TIME.format(now.wall()) + "-"
                + "%04x".formatted(ThreadLocalRandom.current().nextInt(0x1_0000));
        RunMachine machine = new RunMachine(id, pipeline, config.timing(), lastGeneration(pipeline.name()), now);
        RunExecution execution = execution(machine, BearerToken.random(), driver, false);
        execution.begin();
        Path directory = ControlPlaneConfig.pipelineDirectory(config.stateHome(), pipeline.name());
        Thread.ofVirtual().name("old-runs").start(() -> new RunDirectories(directory).keep(config.keepRuns()));
        return execution;
    }

    /** Of a pipeline that has been taken. */
    private long lastGeneration(String pipeline) {
        RunStore store = homes.hold(pipeline);
        try {
            return store.lastGeneration(pipeline);
        } finally {
            homes.leave(pipeline);
        }
    }

    private RunExecution takeOver(Leftover leftover) {
        leftovers.remove(leftover.live().pipeline());
        RunMachine machine = new RunMachine(leftover.live(), leftover.pipeline(), config.timing(), clock.get());
        RunExecution execution = execution(machine, leftover.live().token(), leftover.driver(), true);
        execution.takeOver(leftover);
        adoption = new Adoption(
                machine.run(),
                leftover.found().size(),
                leftover.live().instances().size() - leftover.found().size());
        return execution;
    }

    private RunExecution execution(RunMachine machine, String token, Driver driver, boolean takenOver) {
        String pipeline = machine.pipeline().name();
        LaunchPlan plan = new LaunchPlan(
                ControlPlaneConfig.pipelineDirectory(config.stateHome(), pipeline),
                pipeline,
                machine.run(),
                token,
                Objects.requireNonNull(addresses.get(driver.name())),
                driver.capabilities().sharesLoopback(),
                tls);
        PreparedRun prepared = new PreparedRun(
                driver,
                config.preparations(),
                new RunPreparation.WholeRun(machine.pipeline(), machine.run(), token, plan.controlPlane()),
                takenOver);
        RunExecution execution = new RunExecution(
                machine,
                plan,
                driver,
                prepared,
                homes.hold(pipeline),
                loop,
                clock,
                config.timing().callTimeout());
        active.put(machine.run(), execution);
        return execution;
    }

    /** The run that was taken over last; empty if none was. */
    Optional<Adoption> adoption() {
        return Optional.ofNullable(adoption);
    }

    /** Whether a live run's components present this token. */
    boolean isRunToken(String token) {
        // Every one is compared, so that the time says nothing about which.
        boolean found = false;
        for (RunExecution execution : active.values()) {
            found |= BearerToken.same(token, execution.token());
        }
        // Until somebody takes their run over they are told to come again, not to go.
        for (Leftover leftover : leftovers.values()) {
            found |= BearerToken.same(token, leftover.live().token());
        }
        for (Awaited waiting : awaited.values()) {
            for (RunStore.LiveRun live : waiting.runs()) {
                found |= BearerToken.same(token, live.token());
            }
        }
        return found;
    }

    private Optional<RunExecution> activeOf(String pipeline) {
        return active.values().stream()
                .filter(execution -> !execution.machine().ended()
                        && execution.machine().pipeline().name().equals(pipeline))
                .findFirst();
    }

    /** A decision about one live run, made on the loop's thread. */
    <T> T decide(String run, Function<Decision, T> decision) {
        return loop.ask(() -> {
            RunExecution execution = Optional.ofNullable(active.get(run)).orElseThrow(() -> unknown(run));
            Object[] result = new Object[1];
            execution.decide(now -> result[0] = decision.apply(new Decision(execution, now)));
            @SuppressWarnings("unchecked")
            T typed = (T) result[0];
            return typed;
        });
    }

    /** What a decision is made with. */
    record Decision(RunExecution execution, Now now) {
        RunMachine machine() {
            return execution.machine();
        }
    }

    void tell(Runnable task) {
        loop.tell(task);
    }

    /** A look at every live run, on the loop's thread. */
    <T> T look(Function<Collection<RunExecution>, T> question) {
        return loop.ask(() -> question.apply(List.copyOf(active.values())));
    }

    Now now() {
        return clock.get();
    }

    Run stop(String runOrPipeline, Optional<Duration> grace, boolean kill) {
        Run run = get(runOrPipeline);
        String id = run.getId();
        if (!active.containsKey(id) || RunView.isFinal(run.getState())) {
            throw new ControlPlaneException(
                    Kind.REFUSED, "run.ended", "run \"" + id + "\" has ended; there is nothing to stop");
        }
        return decide(id, decision -> {
            decision.machine().stop(grace.orElse(decision.machine().pipeline().drainTimeout()), kill, decision.now());
            return RunView.run(decision.machine(), decision.now());
        });
    }

    Run pause(String runOrPipeline, String reason) {
        return steer(runOrPipeline, machine -> machine.pause(reason.isBlank() ? "paused on request" : reason));
    }

    Run resume(String runOrPipeline) {
        return steer(runOrPipeline, RunMachine::resume);
    }

    private Run steer(String runOrPipeline, Consumer<RunMachine> how) {
        String id = get(runOrPipeline).getId();
        if (!active.containsKey(id)) {
            throw new ControlPlaneException(Kind.REFUSED, "run.ended", "run \"" + id + "\" has ended");
        }
        return decide(id, decision -> {
            how.accept(decision.machine());
            return RunView.run(decision.machine(), decision.now());
        });
    }

    /** A run by its id, or the newest run of a pipeline. */
    Run get(String runOrPipeline) {
        return Optional.ofNullable(active.get(runOrPipeline))
                .map(RunExecution::shown)
                .or(() -> Optional.ofNullable(ended.get(runOrPipeline)).map(AuditRunResponse::getRun))
                .or(() -> runOrPipeline.isEmpty() ? Optional.empty() : stored(runOrPipeline))
                .or(() -> list().filter(run -> run.getPipeline().equals(runOrPipeline))
                        .findFirst())
                .orElseThrow(() -> unknown(runOrPipeline));
    }

    /** The sums of a run, by its id or of the newest of a pipeline. */
    AuditRunResponse audit(String runOrPipeline) {
        Run run = get(runOrPipeline);
        return Optional.ofNullable(active.get(run.getId()))
                .map(RunExecution::audit)
                .or(() -> Optional.ofNullable(ended.get(run.getId())))
                .or(() -> homes.open().stream()
                        .filter(store -> store.find(run.getId()).isPresent())
                        .findFirst()
                        .map(store -> store.audit(run)))
                .orElseGet(() -> Audit.of(run));
    }

    private Optional<Run> stored(String id) {
        return homes.open().stream().flatMap(store -> store.find(id).stream()).findFirst();
    }

    /** Every run, newest first. */
    Stream<Run> list() {
        Map<String, Run> known = new TreeMap<>(Comparator.reverseOrder());
        homes.open().forEach(store -> store.history().forEach(run -> known.put(run.getId(), run)));
        synchronized (ended) {
            ended.forEach((id, audit) -> known.put(id, audit.getRun()));
        }
        active.values().forEach(execution -> known.put(execution.machine().run(), execution.shown()));
        return known.values().stream();
    }

    private static ControlPlaneException unknown(String run) {
        return new ControlPlaneException(
                Kind.NOT_FOUND, "run.unknown", "there is no run and no pipeline \"" + run + "\" here");
    }

    /** Stops deciding, and leaves what runs running. What has ended is cleared away first, if that does not take too long. */
    void leave(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        active.values().stream()
                .map(RunExecution::shown)
                .filter(run -> RunView.isFinal(run.getState()))
                .forEach(run -> awaitEnd(run.getId(), Duration.ofNanos(deadline - System.nanoTime())));
        loop.close();
    }

    /** Ends what still runs by force (not what nobody has taken over), waits for it, and stops deciding. */
    void close(Duration patience) {
        for (String run : List.copyOf(active.keySet())) {
            try {
                decide(run, decision -> {
                    decision.machine().stop(Duration.ZERO, true, decision.now());
                    return true;
                });
            } catch (ControlPlaneException _) {
                // It ended by itself meanwhile.
            }
        }
        long deadline = System.nanoTime() + patience.toNanos();
        active.keySet().forEach(run -> awaitEnd(run, Duration.ofNanos(deadline - System.nanoTime())));
        loop.close();
    }
}
