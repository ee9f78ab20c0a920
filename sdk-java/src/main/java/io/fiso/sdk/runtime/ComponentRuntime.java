// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import io.fiso.proto.control.v1.RegisterComponentResponse;
import io.fiso.proto.control.v1.WatchWiringResponse;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.DescribeResponse;
import io.fiso.proto.stream.v1.InjectRequest;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.ConfigException;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.delivery.BatchTask;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.Effects;
import io.fiso.sdk.delivery.FailedEvent;
import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.Fate;
import io.fiso.sdk.delivery.Open;
import io.fiso.sdk.delivery.Progress;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.UpstreamCall;
import io.fiso.sdk.delivery.UpstreamLink;
import io.fiso.sdk.delivery.Wiring;
import io.fiso.tls.PeerName;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One component at work: binds first, registers second, then connects as its wiring says, until it is told to stop. Independent of the process
 * it runs in, so that tests can run several side by side.
 */
public final class ComponentRuntime implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ComponentRuntime.class.getName());
    private static final int PROTOCOL_VERSION = 1;

    /**
     * How it ended.
     *
     * @param status the exit status of the process
     * @param reason one line for people
     */
    public record Exit(int status, String reason) {
        /** The status of a component that must not be started again: its run fails with the reason. */
        public static final int FOR_GOOD = 65;
    }

    private final ComponentEnvironment environment;
    private final ComponentSettings settings;
    private final Clock clock;
    private final RandomGenerator random;
    private final String instance;
    private final Network network;
    private final CoreThread thread;
    private final StreamClient dialled;
    private final ComponentMetrics metrics;
    private final Part part;
    private final Injection injection;
    private final Drain drain;
    private final ProgressPicture picture;
    private final HealthStatusManager health = new HealthStatusManager();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<@Nullable Exit> exit = new AtomicReference<>();
    private final FirstError firstError;
    private final AtomicBoolean stopBegun = new AtomicBoolean();
    private final AtomicBoolean opened = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    private volatile ComponentPhase phase = ComponentPhase.COMPONENT_PHASE_STARTING;
    private volatile long generation;
    private volatile long wiringVersion;
    private @Nullable Faces faces;
    private @Nullable ControlPlaneLink link;

    // Of the core thread.
    private @Nullable DeliveryCore core;
    private @Nullable WatchWiringResponse wiring;
    private long wakeAtNanos = Long.MAX_VALUE;

    /** Makes the part of the runtime that depends on the component's kind. */
    private interface PartMaker {
        Part make(ComponentRuntime runtime);
    }

    private ComponentRuntime(
            ComponentEnvironment environment,
            Clock clock,
            RandomGenerator random,
            ComponentKind kind,
            PartMaker maker) {
        this.environment = environment;
        this.settings = ComponentSettings.read(environment.configFile(), environment.pipeline());
        this.firstError = new FirstError(environment.component());
        this.clock = clock;
        this.random = random;
        byte[] id = new byte[16];
        new SecureRandom().nextBytes(id);
        this.instance = HexFormat.of().formatHex(id);
        this.network = new Network(environment.token(), environment.identity());
        this.thread = new CoreThread("fiso-core", new CoreWork());
        this.dialled = new StreamClient(network, environment.pipeline(), thread);
        this.metrics = new ComponentMetrics(
                environment.pipeline(),
                environment.component(),
                kind,
                this::latestProgress,
                this::lags,
                this::deduplicated);
        this.part = maker.make(this);
        this.injection = new Injection(environment.component(), settings, part, thread);
        this.drain = new Drain(part, thread, () -> core);
        this.picture = new ProgressPicture(thread, part, () -> core, drain);
    }

    public static ComponentRuntime of(EventSource source, ComponentEnvironment environment) {
        return new ComponentRuntime(
                environment,
                Clock.systemUTC(),
                new SecureRandom(),
                ComponentKind.COMPONENT_KIND_SOURCE,
                runtime -> new SourcePart(
                        source, environment, runtime.settings, runtime.thread, runtime.clock, runtime::fail));
    }

    public static ComponentRuntime of(EventProcessor processor, ComponentEnvironment environment) {
        return new ComponentRuntime(
                environment,
                Clock.systemUTC(),
                new SecureRandom(),
                ComponentKind.COMPONENT_KIND_PROCESSOR,
                runtime -> new ProcessorPart(
                        processor,
                        runtime.settings,
                        runtime.thread,
                        runtime.metrics.timer("transform"),
                        runtime::fail));
    }

    public static ComponentRuntime of(EventSink sink, ComponentEnvironment environment) {
        return new ComponentRuntime(
                environment,
                Clock.systemUTC(),
                new SecureRandom(),
                ComponentKind.COMPONENT_KIND_SINK,
                runtime -> new SinkPart(
                        sink, runtime.settings, runtime.thread, runtime.metrics.timer("deliver"), runtime::fail));
    }

    public static ComponentRuntime of(BatchEventSink sink, ComponentEnvironment environment) {
        return new ComponentRuntime(
                environment,
                Clock.systemUTC(),
                new SecureRandom(),
                ComponentKind.COMPONENT_KIND_SINK,
                runtime -> new BatchSinkPart(
                        sink, runtime.settings, runtime.thread, runtime.metrics.timer("deliver"), runtime::fail));
    }

    /** Binds, and begins to register. Throws when an address cannot be bound. */
    public void start() throws IOException {
        Files.createDirectories(environment.stateDirectory());
        thread.start();
        health.setStatus("", ServingStatus.NOT_SERVING);
        faces = Faces.open(
                environment,
                network,
                new StreamServer(thread, () -> core),
                List.of(
                        new LifecycleService(new Behind()),
                        health.getHealthService(),
                        ProtoReflectionServiceV1.newInstance()),
                address -> new HttpEndpoint(address, new Answers(), metrics));
        HostPort controlPlane = HostPort.parse("FISO_CONTROL_PLANE", environment.controlPlane());
        link = new ControlPlaneLink(
                address -> network.dial(address, PeerName.CONTROL_PLANE),
                new ControlPlaneAddress(controlPlane, environment.controlFile()),
                environment.pipeline(),
                registration(),
                new Control(),
                random);
        link.start();
    }

    /** Waits until the component was told to stop, or failed; then leaves and closes everything. */
    public Exit awaitEnd() throws InterruptedException {
        ended.await();
        Exit how = exit.get();
        if (link != null) {
            // What a source committed last, after it had been asked last, is known only if it is told now.
            picture.refresh();
            link.deregister(how == null ? "" : how.reason(), picture.told().map(ProgressPicture.Told::progress));
        }
        close();
        return how == null ? new Exit(0, "closed") : how;
    }

    /** Whether it ended within this time. */
    public boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Drains within the grace, then ends; a second call ends at once. */
    public void stop(Duration grace, String why) {
        if (!stopBegun.compareAndSet(false, true)) {
            return;
        }
        Duration limit = grace.isPositive() ? grace : settings.limits().drainTimeout();
        Thread.ofVirtual().name("fiso-stop").start(() -> {
            boolean clean = drainWithin(limit);
            long left = drain.unsettled();
            String how = clean
                    ? why + ": drained"
                    : why + ": " + left + " events are not settled after " + limit.toMillis()
                            + " ms; the next start sees them again";
            LOG.log(System.Logger.Level.INFO, "Stopped, {0}", how);
            end(new Exit(0, how));
        });
    }

    public ComponentPhase phase() {
        return phase;
    }

    /** The address its gRPC services are bound to. */
    public String address() {
        return bound().address();
    }

    /** The address its HTTP endpoints are bound to. */
    public String httpAddress() {
        return bound().httpAddress();
    }

    private Faces bound() {
        Faces bound = faces;
        if (bound == null) {
            throw new IllegalStateException("not started");
        }
        return bound;
    }

    /** Ends without ceremony, as a crash would. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        end(new Exit(0, "closed"));
        if (link != null) {
            link.close();
        }
        if (faces != null) {
            faces.close();
        }
        try {
            part.close();
        } catch (Exception e) {
            LOG.log(System.Logger.Level.WARNING, "Closing the component failed", e);
        }
        thread.close();
        dialled.close();
        network.close();
    }

    private @Nullable Progress latestProgress() {
        return picture.latest();
    }

    private long deduplicated() {
        return part.deduplicated();
    }

    private java.util.Map<String, Long> lags() {
        return part.lags();
    }

    private RegisterComponentRequest registration() {
        RegisterComponentRequest.Builder request = RegisterComponentRequest.newBuilder()
                .setComponent(environment.component())
                .setRun(environment.run())
                .setInstance(instance)
                .setKind(part.kind())
                .setAddress(address())
                .setHttpAddress(httpAddress())
                .setType(settings.type())
                .setProtocolVersion(PROTOCOL_VERSION)
                .setPid(ProcessHandle.current().pid());
        environment.replica().ifPresent(request::setReplica);
        return request.build();
    }

    private boolean drainWithin(Duration limit) {
        if (phase != ComponentPhase.COMPONENT_PHASE_DONE) {
            phase = ComponentPhase.COMPONENT_PHASE_DRAINING;
        }
        return drain.within(limit);
    }

    private void fail(Throwable reason) {
        String message = firstError.note(reason);
        phase = ComponentPhase.COMPONENT_PHASE_FAILED;
        end(new Exit(reason instanceof ConfigException ? 2 : 1, message.replace('\n', ' ')));
    }

    /** An event may neither be delivered nor given up: starting again would not help. */
    private void failForGood(Failure failure) {
        String message = firstError.note(failure);
        phase = ComponentPhase.COMPONENT_PHASE_FAILED;
        end(new Exit(Exit.FOR_GOOD, message.replace('\n', ' ')));
    }

    private void end(Exit how) {
        if (exit.compareAndSet(null, how)) {
            ended.countDown();
        }
    }

    /** Opens the author's code once the replica index is known; then the core can stand. */
    private void open(RegisterComponentResponse grant) {
        // Granted by it, so it is there.
        ContextView.Brokers brokers = Objects.requireNonNull(link)::broker;
        ContextView context =
                new ContextView(environment, settings, grant.getReplica(), clock, metrics.registry(), brokers);
        Thread.ofVirtual().name("fiso-open").start(() -> {
            try {
                part.open(context);
                thread.post(() -> begin(grant));
            } catch (Throwable reason) {
                fail(reason);
            }
        });
    }

    private void begin(RegisterComponentResponse grant) {
        DeliveryCore made = new DeliveryCore(
                settings.delivery(environment, grant.getReplica(), grant.getGeneration(), instance),
                part.work(),
                new CoreEffects(),
                random);
        core = made;
        part.started(made);
        LOG.log(
                System.Logger.Level.INFO,
                "Started as generation {0}, replica {1}, listening on {2}",
                Long.toString(grant.getGeneration()),
                grant.getReplica(),
                address());
        if (wiring != null) {
            wire(wiring);
        }
    }

    private void wire(WatchWiringResponse latest) {
        wiring = latest;
        DeliveryCore present = core;
        if (present == null) {
            return;
        }
        Wiring neighbours = WiringMessages.of(latest);
        boolean first = wiringVersion == 0;
        present.wire(neighbours);
        wiringVersion = latest.getVersion();
        dialled.keepOnly(
                neighbours.upstreams().stream().map(Wiring.Upstream::address).collect(Collectors.toSet()));
        if (first) {
            if (phase == ComponentPhase.COMPONENT_PHASE_STARTING) {
                phase = ComponentPhase.COMPONENT_PHASE_RUNNING;
            }
            health.setStatus("", ServingStatus.SERVING);
            part.wired();
        }
    }

    private final class CoreWork implements CoreThread.Work {
        @Override
        public long settleDown(long nowNanos) {
            DeliveryCore present = core;
            if (present == null) {
                return Long.MAX_VALUE;
            }
            if (wakeAtNanos - nowNanos <= 0) {
                wakeAtNanos = Long.MAX_VALUE;
            }
            part.beforeTurn(present);
            boolean more = present.turn();
            more |= part.afterTurn(present);
            if (present.done() && phase != ComponentPhase.COMPONENT_PHASE_FAILED) {
                phase = ComponentPhase.COMPONENT_PHASE_DONE;
            }
            picture.takeIfOld(present, nowNanos);
            return more ? nowNanos : wakeAtNanos;
        }

        @Override
        public void failed(Throwable reason) {
            fail(reason);
        }
    }

    private final class CoreEffects implements Effects {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public UpstreamLink dial(Wiring.Upstream upstream, Open open, UpstreamCall call) {
            return dialled.dial(upstream, open, call);
        }

        @Override
        public void start(Task task) {
            part.start(task);
        }

        @Override
        public void startBatch(BatchTask batch) {
            part.startBatch(batch);
        }

        @Override
        public void writeDeadLetters(List<FailedEvent> letters) {
            part.writeDeadLetters(letters);
        }

        @Override
        public void wakeAt(long nanos) {
            wakeAtNanos = nanos;
        }

        @Override
        public void injected(Object token, Fate fate, @Nullable Failure failure) {
            ((Injection.Asker) token).settled(fate, failure);
        }

        @Override
        public void failed(Failure failure) {
            failForGood(failure);
        }

        @Override
        public void fenced(String reason) {
            fail(new IllegalStateException("fenced: " + reason));
        }
    }

    private final class Control implements ControlPlaneLink.Listener {
        @Override
        public void granted(RegisterComponentResponse grant) {
            if (environment.replica().orElse(grant.getReplica()) != grant.getReplica()) {
                fail(new IllegalStateException("the control plane granted replica " + grant.getReplica()
                        + " to a process started as replica "
                        + environment.replica().getAsInt() + " (FISO_REPLICA)"));
            } else if (opened.compareAndSet(false, true)) {
                generation = grant.getGeneration();
                if (!grant.getPaused().isEmpty()) {
                    part.pause(grant.getPaused());
                }
                open(grant);
            } else if (grant.getGeneration() != generation) {
                fail(new IllegalStateException("the control plane granted generation " + grant.getGeneration()
                        + " to an instance of generation " + generation + ", which must start anew"));
            }
        }

        @Override
        public void wired(WatchWiringResponse latest) {
            thread.post(() -> wire(latest));
        }

        @Override
        public ComponentPhase phase() {
            return phase;
        }

        @Override
        public long wiringVersion() {
            return wiringVersion;
        }

        @Override
        public void orphaned(Duration grace) {
            LOG.log(System.Logger.Level.WARNING, "No control plane for {0} s; draining and leaving", grace.toSeconds());
            Thread.ofVirtual().name("fiso-orphan").start(() -> {
                try {
                    if (part.kind() != ComponentKind.COMPONENT_KIND_SOURCE) {
                        // The sources close now, and what they had taken in is still to come.
                        drain.awaitQuiet(settings.limits().drainTimeout());
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                stop(Duration.ZERO, "no control plane answered for " + grace.toSeconds() + " s");
            });
        }

        @Override
        public void refused(String reason) {
            fail(new IllegalStateException(reason));
        }
    }

    private final class Behind implements LifecycleService.Behind {
        @Override
        public void describe(Consumer<DescribeResponse> answer) {
            Thread.ofVirtual().name("fiso-describe").start(() -> {
                try {
                    answer.accept(description(picture.refresh()));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        private DescribeResponse description(boolean fresh) {
            DescribeResponse.Builder response = DescribeResponse.newBuilder()
                    .setComponent(environment.component())
                    .setInstance(instance)
                    .setGeneration(generation)
                    .setPhase(phase)
                    .setError(firstError.text());
            picture.told()
                    .ifPresent(told -> response.setProgress(told.progress()).setProgressAgeMillis(told.ageMillis()));
            if (!fresh) {
                // User code holds the core thread: the last picture must do, but for what is certain.
                response.getProgressBuilder().setWorkWaiting(true);
            }
            return response.build();
        }

        @Override
        public boolean pause(String reason) {
            return part.pause(reason);
        }

        @Override
        public boolean resume() {
            return part.resume();
        }

        @Override
        public boolean finish(String mark) {
            return part.finish(mark);
        }

        @Override
        public void drain() {
            Thread.ofVirtual().name("fiso-drain").start(() -> {
                if (drainWithin(settings.limits().drainTimeout())) {
                    phase = ComponentPhase.COMPONENT_PHASE_DONE;
                }
            });
        }

        @Override
        public long stop(Duration grace) {
            ComponentRuntime.this.stop(grace, "told to stop");
            return drain.unsettled();
        }

        @Override
        public void inject(InjectRequest request, Injection.Asker asker) {
            // Making an event again is the author's code: not on a thread of the transport.
            Thread.ofVirtual().name("fiso-inject").start(() -> {
                try {
                    injection.take(request, () -> core, asker);
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.WARNING, "A dead letter cannot be taken in again", e);
                    asker.refused("the record cannot be read again: " + LanePart.reason(e));
                }
            });
        }
    }

    private final class Answers implements HttpEndpoint.Answers {
        @Override
        public String unhealthy() {
            return firstError.text();
        }

        @Override
        public String notReady() {
            return switch (phase) {
                case COMPONENT_PHASE_RUNNING, COMPONENT_PHASE_DONE -> "";
                case COMPONENT_PHASE_DRAINING -> "draining";
                case COMPONENT_PHASE_FAILED -> firstError.text();
                default -> wiringVersion == 0 ? "waiting for registration and wiring" : "starting";
            };
        }
    }
}
