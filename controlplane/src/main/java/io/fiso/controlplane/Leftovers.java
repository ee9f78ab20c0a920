// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Instance;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunError;
import io.fiso.proto.control.v1.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Ends what a control plane that died has left running, so that nothing runs twice (guarantees D8, D11). Their sources replay what was not
 * settled when the pipeline runs next.
 */
final class Leftovers {
    private static final System.Logger LOG = System.getLogger(Leftovers.class.getName());

    private final RunStore store;
    private final List<Driver> drivers;
    private final Duration grace;

    Leftovers(RunStore store, List<Driver> drivers, Duration grace) {
        this.store = store;
        this.drivers = drivers;
        this.grace = grace;
    }

    /** Ends them all, and closes their runs in the history. Tells what people should know. */
    List<String> end() {
        List<String> notices = new ArrayList<>();
        store.live().values().forEach(live -> {
            int ended = end(live);
            String message = "the control plane of run " + live.run() + " ended without stopping it; " + ended
                    + " of its components still ran and were ended";
            store.find(live.run()).ifPresent(run -> store.saveEnded(failed(run, message), live.lastGeneration()));
            LOG.log(System.Logger.Level.WARNING, message + " pipeline=" + live.pipeline());
            notices.add(message);
        });
        return notices;
    }

    private int end(RunStore.LiveRun live) {
        List<Instance> found = new ArrayList<>();
        for (RunStore.LiveInstance instance : live.instances()) {
            recover(instance).ifPresent(found::add);
        }
        List<Thread> ending = found.stream()
                .map(instance -> Thread.ofVirtual().name("end-leftover").start(() -> stop(instance)))
                .toList();
        for (Thread thread : ending) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        return found.size();
    }

    private Optional<Instance> recover(RunStore.LiveInstance instance) {
        Optional<Driver> driver = drivers.stream()
                .filter(d -> d.name().equals(instance.handle().driver()))
                .findFirst();
        try {
            return driver.isPresent() ? driver.get().recover(instance.handle()) : Optional.empty();
        } catch (DriverException e) {
            LOG.log(System.Logger.Level.ERROR, "leftover cannot be found again component=" + instance.component(), e);
            return Optional.empty();
        }
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
