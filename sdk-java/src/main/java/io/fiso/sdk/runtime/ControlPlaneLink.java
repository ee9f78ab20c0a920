// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.proto.control.v1.ComponentRegistryGrpc;
import io.fiso.proto.control.v1.ComponentRegistryGrpc.ComponentRegistryBlockingStub;
import io.fiso.proto.control.v1.DeregisterComponentRequest;
import io.fiso.proto.control.v1.FindBrokerRequest;
import io.fiso.proto.control.v1.HeartbeatRequest;
import io.fiso.proto.control.v1.RegisterComponentRequest;
import io.fiso.proto.control.v1.RegisterComponentResponse;
import io.fiso.proto.control.v1.WatchWiringRequest;
import io.fiso.proto.control.v1.WatchWiringResponse;
import io.fiso.proto.stream.v1.ComponentPhase;
import io.fiso.proto.stream.v1.Progress;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A component's tie to its control plane: registers, sends signs of life, watches the wiring, and starts over when the control plane went
 * away and came back (guarantee D11). Data flows on meanwhile.
 */
final class ControlPlaneLink implements AutoCloseable {
    /** How long a component that has never been registered keeps trying. */
    private static final Duration FIRST_REGISTRATION_LIMIT = Duration.ofSeconds(60);

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
    private static final System.Logger LOG = System.getLogger(ControlPlaneLink.class.getName());

    /** What the component does about what the control plane says. Called on this link's threads. */
    interface Listener {
        void granted(RegisterComponentResponse grant);

        void wired(WatchWiringResponse wiring);

        ComponentPhase phase();

        long wiringVersion();

        /** The control plane was out of reach for the orphan grace. */
        void orphaned(Duration grace);

        /** This instance must end: it was replaced, or never admitted. */
        void refused(String reason);
    }

    private final Function<HostPort, ManagedChannel> dialler;
    private final ControlPlaneAddress address;
    private final String pipeline;
    private final RegisterComponentRequest registration;
    private final Listener listener;
    private final Backoff backoff;
    private final RandomGenerator random;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean closed;
    private volatile long generation;
    private volatile ManagedChannel channel;
    /** The watch that stands; null if none does. */
    private @Nullable Object watch;

    ControlPlaneLink(
            Function<HostPort, ManagedChannel> dialler,
            ControlPlaneAddress address,
            String pipeline,
            RegisterComponentRequest registration,
            Listener listener,
            RandomGenerator random) {
        this.dialler = dialler;
        this.address = address;
        this.channel = dialler.apply(address.current());
        this.pipeline = pipeline;
        this.registration = registration;
        this.listener = listener;
        this.backoff = new Backoff(50, 2_000, random);
        this.random = random;
        this.thread = Thread.ofVirtual().name("fiso-registration").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /**
     * Where the broker of this run is. Blocks while it is being started, and while the control plane is out of reach. For any thread, once granted.
     *
     * @throws IOException if there is none, with what to do
     */
    BrokerAddress broker() throws IOException, InterruptedException {
        return new BrokerQuestion(
                        this::stub,
                        () -> FindBrokerRequest.newBuilder()
                                .setComponent(registration.getComponent())
                                .setInstance(registration.getInstance())
                                .setGeneration(generation)
                                .build(),
                        () -> closed,
                        new Backoff(50, 2_000, random))
                .ask();
    }

    /** Tells the control plane that this instance leaves, and how far it has come in the end; best effort. */
    void deregister(String reason, Optional<Progress> last) {
        if (generation == 0) {
            return;
        }
        try {
            DeregisterComponentRequest.Builder request = DeregisterComponentRequest.newBuilder()
                    .setComponent(registration.getComponent())
                    .setInstance(registration.getInstance())
                    .setGeneration(generation)
                    .setReason(reason);
            last.ifPresent(request::setProgress);
            stub().withDeadlineAfter(1, TimeUnit.SECONDS).deregisterComponent(request.build());
        } catch (StatusRuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "Leaving without telling the control plane", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        signal();
        channel.shutdownNow();
    }

    private void run() {
        long lastAnswerNanos = System.nanoTime();
        RegisterComponentResponse grant = null;
        boolean mustRegister = true;
        while (!closed) {
            try {
                if (mustRegister) {
                    grant = register();
                    generation = grant.getGeneration();
                    listener.granted(grant);
                    mustRegister = false;
                } else {
                    heartbeat();
                }
                lastAnswerNanos = System.nanoTime();
                backoff.reset();
                watch();
                sleep(Math.max(100, millis(grant)));
            } catch (StatusRuntimeException e) {
                mustRegister |= e.getStatus().getCode() == Status.Code.NOT_FOUND;
                if (ended(e.getStatus(), grant, Duration.ofNanos(System.nanoTime() - lastAnswerNanos))) {
                    return;
                }
                if (address.changed()) {
                    LOG.log(System.Logger.Level.INFO, "The control plane is at {0} now", address.current());
                    channel.shutdownNow();
                    channel = dialler.apply(address.current());
                } else {
                    sleep(backoff.nextMillis());
                    channel.resetConnectBackoff();
                }
            }
        }
        channel.shutdownNow();
    }

    private boolean ended(Status status, @Nullable RegisterComponentResponse grant, Duration silence) {
        switch (status.getCode()) {
            case FAILED_PRECONDITION, ALREADY_EXISTS, INVALID_ARGUMENT -> {
                return refused(status);
            }
            case UNAUTHENTICATED, PERMISSION_DENIED -> {
                // Once admitted, a wrong token means a wrong control plane: another pipeline's may have taken the port
                // of one that died.
                if (grant == null) {
                    return refused(status);
                }
                String successor = address.otherRun(pipeline, registration.getRun());
                if (!successor.isEmpty()) {
                    listener.refused("run " + successor + " has taken the place of this instance's run");
                    return true;
                }
            }
            default -> {
                // Unreachable, or not ready: try again below.
            }
        }
        if (grant == null) {
            if (silence.compareTo(FIRST_REGISTRATION_LIMIT) > 0) {
                listener.refused("no control plane answered at " + address.current() + " for "
                        + FIRST_REGISTRATION_LIMIT.toSeconds() + " s (" + status.getCode() + ": "
                        + status.getDescription() + ")");
                return true;
            }
            return false;
        }
        Duration grace = duration(grant.getOrphanGrace());
        if (grace.isPositive() && silence.compareTo(grace) > 0) {
            listener.orphaned(grace);
            return true;
        }
        return false;
    }

    private boolean refused(Status status) {
        listener.refused(
                "the control plane at " + address.current() + " refused this instance: " + status.getDescription());
        return true;
    }

    private RegisterComponentResponse register() {
        return stub().withDeadlineAfter(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .registerComponent(registration.toBuilder()
                        .setPreviousGeneration(generation)
                        .build());
    }

    private void heartbeat() {
        stub().withDeadlineAfter(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .heartbeat(HeartbeatRequest.newBuilder()
                        .setComponent(registration.getComponent())
                        .setInstance(registration.getInstance())
                        .setGeneration(generation)
                        .setWiringVersion(listener.wiringVersion())
                        .setPhase(listener.phase())
                        .build());
    }

    private void watch() {
        Object mark = new Object();
        lock.lock();
        try {
            if (watch != null) {
                return;
            }
            watch = mark;
        } finally {
            lock.unlock();
        }
        ComponentRegistryGrpc.newStub(channel)
                .watchWiring(
                        WatchWiringRequest.newBuilder()
                                .setComponent(registration.getComponent())
                                .setInstance(registration.getInstance())
                                .setGeneration(generation)
                                .build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(WatchWiringResponse wiring) {
                                listener.wired(wiring);
                            }

                            @Override
                            public void onError(Throwable reason) {
                                LOG.log(System.Logger.Level.DEBUG, "The wiring watch ended", reason);
                                watchEnded(mark);
                            }

                            @Override
                            public void onCompleted() {
                                watchEnded(mark);
                            }
                        });
    }

    private void watchEnded(Object mark) {
        lock.lock();
        try {
            if (watch == mark) {
                watch = null;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Sleeps until the next heartbeat is due, or the watch broke: the control plane may be gone, so ask it soon. */
    private void sleep(long millis) {
        long left = TimeUnit.MILLISECONDS.toNanos(millis);
        lock.lock();
        try {
            Object watched = watch;
            while (left > 0 && !closed && watch == watched) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private ComponentRegistryBlockingStub stub() {
        return ComponentRegistryGrpc.newBlockingStub(channel);
    }

    private static long millis(@Nullable RegisterComponentResponse grant) {
        return grant == null ? 1_000 : duration(grant.getHeartbeatInterval()).toMillis();
    }

    static Duration duration(com.google.protobuf.Duration duration) {
        return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }
}
