// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import io.fiso.driver.Driver;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.Run;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Every run this control plane knows: the active ones, and those it remembers. For any thread; decisions go to the loop. */
final class Runs {
    private static final DateTimeFormatter ID_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final ControlPlaneConfig config;
    private final RunStore store;
    private final EventLoop loop;
    private final Supplier<Now> clock;
    private final Consumer<Run> onStart;
    /** Runs started here: a few at a time, so the ended ones are taken out by the tick after their last answer. */
    private final Map<String, RunExecution> active = new ConcurrentHashMap<>();

    private volatile String address = "";

    Runs(ControlPlaneConfig config, RunStore store, Supplier<Now> clock, Consumer<Run> onStart) {
        this.config = config;
        this.store = store;
        this.clock = clock;
        this.onStart = onStart;
        this.loop = new EventLoop(java.time.Duration.ofMillis(50), this::tick);
    }

    /** Begins to work, once components can be told where. */
    void open(String controlPlaneAddress) {
        address = controlPlaneAddress;
        loop.start();
    }

    private void tick() {
        for (RunExecution execution : active.values()) {
            if (execution.machine().ended()) {
                active.remove(execution.machine().run());
            } else {
                execution.decide(execution.machine()::tick);
            }
        }
    }

    Run start(String yaml, String file, Optional<String> driverName) {
        ResolvedPipeline pipeline;
        try {
            pipeline = config.compiler().compile(yaml, file, driverName);
        } catch (PipelineCompiler.InvalidPipelineException e) {
            throw new ControlPlaneException(Kind.INVALID, "pipeline.invalid", String.valueOf(e.getMessage()), e);
        }
        Driver driver = driver(pipeline.driver());
        return loop.ask(() -> begin(pipeline, driver));
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
                            + execution.machine().run() + "); stop it first, or give this one another name");
        });
        Now now = clock.get();
        String id = ID_TIME.format(now.wall()) + "-"
                + "%04x".formatted(ThreadLocalRandom.current().nextInt(0x1_0000));
        RunMachine machine = new RunMachine(id, pipeline, config.timing(), store.lastGeneration(pipeline.name()), now);
        LaunchPlan plan = new LaunchPlan(
                ControlPlaneConfig.pipelineDirectory(config.stateHome(), pipeline.name()),
                pipeline.name(),
                id,
                BearerToken.random(),
                address);
        RunExecution execution = new RunExecution(
                machine, plan, driver, store, loop, clock, config.timing().callTimeout());
        active.put(id, execution);
        execution.begin();
        onStart.accept(execution.shown());
        return execution.shown();
    }

    /** Whether a live run's components present this token. */
    boolean isRunToken(String token) {
        // Every one is compared, so that the time says nothing about which.
        boolean found = false;
        for (RunExecution execution : active.values()) {
            found |= BearerToken.same(token, execution.token());
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

    Run stop(String runOrPipeline, Optional<java.time.Duration> grace, boolean kill) {
        String id = get(runOrPipeline).getId();
        if (!active.containsKey(id)) {
            throw new ControlPlaneException(
                    Kind.REFUSED, "run.ended", "run \"" + id + "\" has ended; there is nothing to stop");
        }
        return decide(id, decision -> {
            decision.machine().stop(grace.orElse(decision.machine().pipeline().drainTimeout()), kill, decision.now());
            return RunView.run(decision.machine(), decision.now());
        });
    }

    /** A run by its id, or the newest run of a pipeline. */
    Run get(String runOrPipeline) {
        return Optional.ofNullable(active.get(runOrPipeline))
                .map(RunExecution::shown)
                .or(() -> runOrPipeline.isEmpty() ? Optional.empty() : store.find(runOrPipeline))
                .or(() -> list().filter(run -> run.getPipeline().equals(runOrPipeline))
                        .findFirst())
                .orElseThrow(() -> unknown(runOrPipeline));
    }

    /** Every run, newest first. */
    Stream<Run> list() {
        return Stream.concat(
                        active.values().stream().map(RunExecution::shown),
                        store.history().stream().filter(run -> !active.containsKey(run.getId())))
                .sorted(Comparator.comparing(Run::getId).reversed());
    }

    private static ControlPlaneException unknown(String run) {
        return new ControlPlaneException(
                Kind.NOT_FOUND, "run.unknown", "there is no run and no pipeline \"" + run + "\" here");
    }

    /** Ends what still runs by force, waits for it, and stops deciding. */
    void close(java.time.Duration patience) {
        for (String run : List.copyOf(active.keySet())) {
            try {
                decide(run, decision -> {
                    decision.machine().stop(java.time.Duration.ZERO, true, decision.now());
                    return true;
                });
            } catch (ControlPlaneException _) {
                // It ended by itself meanwhile.
            }
        }
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (!active.isEmpty() && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        loop.close();
    }
}
