// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Instance;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunError;
import io.fiso.proto.control.v1.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds what a control plane that died has left running (guarantee D11). Runs of which nothing lives any more are closed in the history; their sources
 * replay what was not settled when the pipeline runs next.
 */
final class Leftovers {
    private static final System.Logger LOG = System.getLogger(Leftovers.class.getName());

    private final RunStore store;
    private final List<Driver> drivers;
    private final Duration grace;
    private final List<String> notices = new ArrayList<>();

    Leftovers(RunStore store, List<Driver> drivers, Duration grace) {
        this.store = store;
        this.drivers = drivers;
        this.grace = grace;
    }

    /** Looks into any store, with the same drivers. */
    @FunctionalInterface
    interface Search {
        Leftovers in(RunStore store);
    }

    /** Every run of which something still runs and that can be taken over; the others are closed. */
    List<Leftover> find() {
        List<Leftover> leftovers = new ArrayList<>();
        for (RunStore.LiveRun live : store.live().values()) {
            Map<ReplicaId, Instance> found = recover(live);
            Optional<Leftover> leftover = found.isEmpty() ? Optional.empty() : leftover(live, found);
            leftover.ifPresentOrElse(leftovers::add, () -> close(live, found));
        }
        return leftovers;
    }

    /** The run, with what was found of it; empty if it cannot be gone on with, because what it runs was not kept or is not understood. */
    Optional<Leftover> leftover(RunStore.LiveRun live, Map<ReplicaId, Instance> found) {
        Optional<ResolvedPipeline> pipeline = store.pipeline(live.run());
        Optional<Driver> driver = pipeline.flatMap(resolved -> driver(resolved.driver()));
        return driver.map(known -> new Leftover(live, pipeline.get(), known, found));
    }

    /**
     * What still runs of it.
     *
     * @throws DriverException if that cannot be said: its driver is not here, or does not get an answer
     */
    Map<ReplicaId, Instance> ask(RunStore.LiveRun live) throws DriverException {
        Map<ReplicaId, Instance> found = new HashMap<>();
        for (RunStore.LiveInstance instance : live.instances()) {
            if (instance.handle().isPresent()) {
                String name = instance.handle().get().driver();
                Driver driver = driver(name)
                        .orElseThrow(() -> new DriverException(
                                "driver.not_here",
                                "its components run by driver \"" + name + "\", which this server does not have"));
                driver.recover(instance.handle().get()).ifPresent(alive -> found.put(instance.id(), alive));
            }
        }
        return found;
    }

    /** What people should know. */
    List<String> notices() {
        return List.copyOf(notices);
    }

    private Optional<Driver> driver(String name) {
        return drivers.stream().filter(driver -> driver.name().equals(name)).findFirst();
    }

    private Map<ReplicaId, Instance> recover(RunStore.LiveRun live) {
        Map<ReplicaId, Instance> found = new HashMap<>();
        for (RunStore.LiveInstance instance : live.instances()) {
            recover(instance).ifPresent(alive -> found.put(instance.id(), alive));
        }
        return found;
    }

    private Optional<Instance> recover(RunStore.LiveInstance instance) {
        if (instance.handle().isEmpty()) {
            return Optional.empty();
        }
        Optional<Driver> driver = driver(instance.handle().get().driver());
        try {
            return driver.isPresent() ? driver.get().recover(instance.handle().get()) : Optional.empty();
        } catch (DriverException e) {
            LOG.log(System.Logger.Level.ERROR, "leftover cannot be found again component=" + instance.component(), e);
            return Optional.empty();
        }
    }

    /** Ends what cannot be taken over, so that nothing runs twice, and closes the run. */
    void close(RunStore.LiveRun live, Map<ReplicaId, Instance> found) {
        List<Thread> ending = found.values().stream()
                .map(instance -> Thread.ofVirtual().name("end-leftover").start(() -> stop(instance)))
                .toList();
        for (Thread thread : ending) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        String message = "the control plane of run " + live.run() + " ended without stopping it; "
                + (found.isEmpty()
                        ? "none of its components runs any more"
                        : found.size() + " of its components could not be taken over and were ended");
        store.find(live.run())
                .ifPresent(run -> store.saveEnded(failed(run, message), live.lastGeneration(), Audit.of(run)));
        LOG.log(System.Logger.Level.WARNING, message + " pipeline=" + live.pipeline());
        notices.add(message);
    }

    private void stop(Instance instance) {
        try {
            instance.stop(grace);
        } catch (DriverException e) {
            LOG.log(System.Logger.Level.ERROR, "leftover cannot be ended", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static Run failed(Run run, String message) {
        Run.Builder failed = run.toBuilder()
                .setState(RunState.RUN_STATE_FAILED)
                .setReason(message)
                .setEndedAt(WireTime.timestamp(Instant.now()));
        if (!run.hasFirstError()) {
            failed.setFirstError(RunError.newBuilder()
                    .setCode("controlplane.died")
                    .setMessage(message)
                    .setAt(WireTime.timestamp(Instant.now())));
        }
        return failed.build();
    }
}
