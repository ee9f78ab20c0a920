// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import io.fiso.driver.Status;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.Run;
import io.fiso.tls.PeerName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Carries out what {@link RunMachine} decides, and brings it the news: the one place where a run's effects are applied. Its methods are called on the
 * loop's thread; what may block runs on virtual threads, and reports back to the loop.
 */
final class RunExecution {
    private static final System.Logger LOG = System.getLogger(RunExecution.class.getName());
    private static final int LAST_ERROR_LINES = 20;
    /** Read of each end, since most lines of a log tell nothing of it. */
    private static final int ERROR_LINES_READ = 200;
    /** How long a platform may be away before a start has failed. */
    private static final Duration PLATFORM_AWAY_MAX = Duration.ofMinutes(5);

    private static final Duration PLATFORM_AWAY_PAUSE = Duration.ofSeconds(1);
    /** How long the request to end by itself may delay the signal. */
    private static final Duration STOP_ANSWER_MAX = Duration.ofMillis(500);
    /** All others are faults of the pipeline or the machine that no second attempt mends. */
    private static final Set<String> TRANSIENT_LAUNCH_FAILURES = Set.of("driver.start_failed", "driver.unavailable");

    private final RunMachine machine;
    private final LaunchPlan plan;
    private final Driver driver;
    private final PreparedRun prepared;
    private final RunStore store;
    private final EventLoop loop;
    private final Supplier<Now> clock;
    private final Duration callTimeout;

    private final Map<ReplicaId, Launched> launches = new HashMap<>();
    private final Map<ReplicaId, Client> clients = new HashMap<>();
    private final List<WiringWatch> watches = new ArrayList<>();
    private volatile Run shown;
    private volatile Map<String, String> violations = Map.of();

    /**
     * One launch.
     *
     * @param intent finds the instance while it has no handle of its own
     * @param instance the instance, once the driver has made it; empty if it could not
     * @param unwanted whether it has been told to end, be there an instance or not yet
     */
    private record Launched(
            int launch,
            LaunchSpec spec,
            Handle intent,
            CompletableFuture<Optional<Instance>> instance,
            AtomicBoolean unwanted) {
        Launched(int launch, LaunchSpec spec, Handle intent, CompletableFuture<Optional<Instance>> instance) {
            this(launch, spec, intent, instance, new AtomicBoolean());
        }

        Handle handle() {
            return instance.getNow(Optional.empty()).map(Instance::handle).orElse(intent);
        }
    }

    /** A channel to one instance. */
    private record Client(String instance, ComponentClient client) {}

    RunExecution(
            RunMachine machine,
            LaunchPlan plan,
            Driver driver,
            PreparedRun prepared,
            RunStore store,
            EventLoop loop,
            Supplier<Now> clock,
            Duration callTimeout) {
        this.machine = machine;
        this.plan = plan;
        this.driver = driver;
        this.prepared = prepared;
        this.store = store;
        this.loop = loop;
        this.clock = clock;
        this.callTimeout = callTimeout;
        this.shown = RunView.run(machine, clock.get());
    }

    RunMachine machine() {
        return machine;
    }

    String token() {
        return plan.token();
    }

    /** Whether nothing is left to be done about a run that has ended. For any thread. */
    boolean cleared() {
        return prepared.cleared();
    }

    /** The run as of the last decision. For any thread. */
    Run shown() {
        return shown;
    }

    /** The sums as of the last decision. For any thread. */
    AuditRunResponse audit() {
        return Audit.of(shown, violations);
    }

    /** Stores the run for the first time. */
    void begin() {
        store.begin(RunView.run(machine, clock.get()), liveRun(), machine.pipeline());
        announce();
        decide(machine::tick);
    }

    /** Goes on with a run that an earlier control plane had begun: with what still runs of it, and without what does not. */
    void takeOver(Leftover leftover) {
        announce();
        leftover.live().instances().stream()
                .filter(known -> known.handle().isPresent())
                .forEach(known ->
                        takeOver(known, Optional.ofNullable(leftover.found().get(known.id()))));
        decide(machine::tick);
        save();
    }

    private void takeOver(RunStore.LiveInstance known, Optional<Instance> found) {
        ReplicaId id = known.id();
        if (found.isPresent()) {
            LaunchSpec spec = plan.spec(machine.replica(id).component(), id, "");
            plan.keep(spec);
            Handle handle = found.get().handle();
            launches.put(id, new Launched(known.launch(), spec, handle, CompletableFuture.completedFuture(found)));
            decide(_ -> machine.launched(id, known.launch(), pid(found.get())));
            found.get().onEnd(end -> ended(id, known.launch(), found.get(), end));
        } else {
            List<String> reason = List.of("it ended while no control plane was there");
            decide(now -> machine.ended(id, known.launch(), Status.Ended.UNKNOWN, reason, now));
        }
    }

    /** Components look into the file when the control plane they know is gone. */
    private void announce() {
        try {
            plan.address().write(plan.addressFile());
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "address file not written, so components will not find another control plane file="
                            + plan.addressFile(),
                    e);
        }
    }

    private void takeBackAddress() {
        try {
            plan.address().remove(plan.addressFile());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "address file not removed file=" + plan.addressFile(), e);
        }
    }

    private static long pid(Instance instance) {
        return Long.parseLong(instance.handle().fields().getOrDefault("pid", "0"));
    }

    /** Takes a decision and applies all that follows from it. */
    void decide(Consumer<Now> decision) {
        try {
            decision.accept(clock.get());
        } finally {
            for (List<Effect> effects = machine.takeEffects(); !effects.isEmpty(); effects = machine.takeEffects()) {
                intend(effects);
                effects.forEach(this::apply);
            }
            shown = RunView.run(machine, clock.get());
            violations = machine.conservation().violations();
        }
    }

    private void apply(Effect effect) {
        switch (effect) {
            case Effect.Launch(ReplicaId replica, int launch) -> launch(replica, launch);
            case Effect.Stop(ReplicaId replica, int launch, Duration grace) -> stop(replica, launch, grace);
            case Effect.Drain(ReplicaId replica, Duration grace) ->
                client(replica)
                        .ifPresent(client -> client.client().drain(grace, heard -> {
                            if (!heard) {
                                LOG.log(
                                        System.Logger.Level.WARNING,
                                        "component did not hear of the drain component=" + replica);
                            }
                        }));
            case Effect.Pause(ReplicaId replica, String reason) ->
                client(replica).ifPresent(client -> client.client().pause(reason));
            case Effect.Resume(ReplicaId replica) ->
                client(replica).ifPresent(client -> client.client().resume());
            case Effect.Finish(ReplicaId replica, String mark) ->
                client(replica).ifPresent(client -> client.client().finish(mark));
            case Effect.Describe(ReplicaId replica, String instance) -> describe(replica, instance);
            case Effect.CheckHealth(ReplicaId replica, String instance) -> check(replica, instance);
            case Effect.PublishWiring _ -> publishWiring();
            case Effect.Save _ -> save();
            case Effect.Note(System.Logger.Level level, String message, String component) ->
                LOG.log(
                        level,
                        message + " pipeline=" + plan.pipeline() + " run=" + plan.run()
                                + (component.isEmpty() ? "" : " component=" + component));
        }
    }

    /** Stores what is about to be started before anything is: a kill in between leaves no instance that nobody knows (guarantee D11). */
    private void intend(List<Effect> effects) {
        boolean any = false;
        for (Effect effect : effects) {
            if (effect instanceof Effect.Launch(ReplicaId replica, int launch)) {
                String mark = UUID.randomUUID().toString().replace("-", "");
                LaunchSpec spec = plan.spec(machine.replica(replica).component(), replica, mark);
                launches.put(replica, new Launched(launch, spec, driver.intent(spec), new CompletableFuture<>()));
                any = true;
            }
        }
        if (any) {
            save();
        }
    }

    private void launch(ReplicaId replica, int launch) {
        Launched launched = Objects.requireNonNull(launches.get(replica));
        ResolvedComponent component = machine.replica(replica).component();
        Thread.ofVirtual().name("launch-" + replica).start(() -> {
            try {
                plan.prepare(launched.spec(), component);
                Instance instance = started(launched);
                launched.instance().complete(Optional.of(instance));
                loop.tell(() -> decide(_ -> machine.launched(replica, launch, pid(instance))));
                instance.onEnd(end -> ended(replica, launch, instance, end));
            } catch (DriverException e) {
                launched.instance().complete(Optional.empty());
                launchFailed(replica, launch, e.code(), e, !TRANSIENT_LAUNCH_FAILURES.contains(e.code()));
            } catch (IOException | RuntimeException e) {
                launched.instance().complete(Optional.empty());
                launchFailed(replica, launch, "component.not_prepared", e, false);
            }
        });
    }

    /**
     * Starts it. A platform that does not answer is asked again, for a while: that it is being restarted is no fault of the component's, and nothing its
     * budget of restarts should pay for.
     */
    private Instance started(Launched launched) throws DriverException {
        long since = System.nanoTime();
        while (true) {
            try {
                return prepared.start(launched.spec());
            } catch (DriverException e) {
                boolean away = e.code().equals("driver.unavailable");
                if (!away || launched.unwanted().get() || System.nanoTime() - since > PLATFORM_AWAY_MAX.toNanos()) {
                    throw e;
                }
                LOG.log(
                        System.Logger.Level.WARNING,
                        "component not started yet, tried again component="
                                + launched.spec().instanceName() + " reason=" + e.getMessage());
                LockSupport.parkNanos(PLATFORM_AWAY_PAUSE.toNanos());
            }
        }
    }

    private void launchFailed(ReplicaId replica, int launch, String code, Exception cause, boolean permanent) {
        String message = cause instanceof DriverException ? String.valueOf(cause.getMessage()) : cause.toString();
        loop.tell(() -> decide(now -> machine.launchFailed(replica, launch, code, message, permanent, now)));
    }

    private void ended(ReplicaId replica, int launch, Instance instance, Status.Ended end) {
        // Destroying asks the platform, and a listener must not block.
        Thread.ofVirtual().name("ended-" + replica).start(() -> {
            List<String> lines = end.success() ? List.of() : telling(instance.lastErrorLines(ERROR_LINES_READ));
            // Before the news: with the last of them the run ends, and perhaps this process.
            destroy(replica, instance);
            loop.tell(() -> {
                Optional.ofNullable(clients.remove(replica))
                        .ifPresent(client -> client.client().close());
                decide(now -> machine.ended(replica, launch, end, lines, now));
            });
        });
    }

    private static void destroy(ReplicaId replica, Instance instance) {
        try {
            instance.destroy();
        } catch (DriverException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "instance left behind component=" + replica + " reason=" + e.getMessage());
        }
    }

    private static List<String> telling(List<String> lines) {
        List<String> telling = StandardError.telling(lines);
        return telling.subList(Math.max(0, telling.size() - LAST_ERROR_LINES), telling.size());
    }

    /** By Lifecycle.Stop, whose answer says what is not settled and which names the grace; and by way of the driver, which makes sure. */
    private void stop(ReplicaId replica, int launch, Duration grace) {
        Launched launched = launches.get(replica);
        if (launched == null || launched.launch() != launch) {
            return;
        }
        launched.unwanted().set(true);
        CompletableFuture<Boolean> asked = new CompletableFuture<>();
        Optional<Client> client = grace.isZero() ? Optional.empty() : client(replica);
        client.ifPresentOrElse(
                present -> present.client().stop(grace, unsettled -> {
                    asked.complete(true);
                    unsettled.ifPresent(
                            count -> loop.tell(() -> decide(_ -> machine.stopping(replica, launch, count))));
                }),
                () -> asked.complete(false));
        Thread.ofVirtual().name("stop-" + replica).start(() -> {
            asked.completeOnTimeout(false, STOP_ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            try {
                Optional<Instance> instance = launched.instance().join();
                if (instance.isPresent()) {
                    instance.get().stop(grace);
                }
            } catch (DriverException e) {
                LOG.log(System.Logger.Level.ERROR, "component could not be ended component=" + replica, e);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void describe(ReplicaId replica, String instance) {
        client(replica)
                .ifPresent(client -> client.client()
                        .describe(answer ->
                                loop.tell(() -> decide(now -> machine.described(replica, instance, answer, now)))));
    }

    private void check(ReplicaId replica, String instance) {
        client(replica)
                .ifPresent(client -> client.client()
                        .check(answer ->
                                loop.tell(() -> decide(now -> machine.healthChecked(replica, instance, answer, now)))));
    }

    /** A channel to the instance that holds the replica now. */
    private Optional<Client> client(ReplicaId id) {
        return machine.replica(id).registration().map(registration -> {
            Client known = clients.get(id);
            if (known != null && known.instance().equals(registration.instance())) {
                return known;
            }
            if (known != null) {
                known.client().close();
            }
            Client fresh = new Client(
                    registration.instance(),
                    new ComponentClient(
                            registration.address(),
                            PeerName.component(id.component(), plan.pipeline()),
                            plan.token(),
                            callTimeout,
                            plan.tls().map(MutualTls::own)));
            clients.put(id, fresh);
            return fresh;
        });
    }

    /** A way to the instance that holds the replica now. */
    Optional<ComponentClient> reach(ReplicaId id) {
        return client(id).map(Client::client);
    }

    void watchWiring(WiringWatch watch) {
        // A component has one watch; an older one of the same instance is a connection it has given up.
        watches.stream()
                .filter(old -> old.instance().equals(watch.instance()))
                .toList()
                .forEach(this::unwatch);
        watches.add(watch);
        watch.offer(Wiring.snapshot(machine, watch.component()));
    }

    private void unwatch(WiringWatch watch) {
        watches.remove(watch);
        watch.end();
    }

    private void publishWiring() {
        watches.removeIf(WiringWatch::cancelled);
        watches.forEach(watch -> watch.offer(Wiring.snapshot(machine, watch.component())));
    }

    private void save() {
        Run run = RunView.run(machine, clock.get());
        if (machine.ended()) {
            store.saveEnded(
                    run,
                    machine.lastGeneration(),
                    Audit.of(run, machine.conservation().violations()));
            List.copyOf(watches).forEach(this::unwatch);
            clients.values().forEach(client -> client.client().close());
            clients.clear();
            takeBackAddress();
            prepared.clear();
            plan.forget();
        } else {
            store.saveLive(run, liveRun());
        }
    }

    private RunStore.LiveRun liveRun() {
        return new RunStore.LiveRun(
                plan.run(),
                plan.pipeline(),
                machine.pipeline().fingerprint(),
                plan.token(),
                machine.wiringVersion(),
                machine.lastGeneration(),
                machine.startedAt(),
                machine.firstError(),
                machine.phase() instanceof RunPhase.Paused(String reason) ? reason : "",
                !(machine.phase() instanceof RunPhase.Open),
                machine.replicas().stream().map(this::live).toList());
    }

    private RunStore.LiveInstance live(Replica replica) {
        Optional<Handle> handle = replica.state instanceof ReplicaState.Launched
                ? Optional.ofNullable(launches.get(replica.id())).map(Launched::handle)
                : Optional.empty();
        return new RunStore.LiveInstance(
                replica.id().component(),
                replica.id().index(),
                replica.launches,
                handle,
                replica.launchedPid,
                replica.state instanceof ReplicaState.Gone(String reason) ? reason : "",
                replica.generation,
                replica.restarts.total(),
                replica.registration()
                        .map(registration -> RunStore.LiveInstance.encoded(registration.said()))
                        .orElse(""));
    }
}
