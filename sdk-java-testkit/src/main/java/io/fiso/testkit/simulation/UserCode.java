// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.delivery.BatchTask;
import io.fiso.sdk.delivery.ErrorRate;
import io.fiso.sdk.delivery.OnFailure;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.Work;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What the author of a processor or sink wrote: takes its time, fails now and then, and reaches the outside. */
final class UserCode {
    private static final ErrorRate BREAKER = new ErrorRate(0.5, 20, Duration.ofMillis(10));

    private final Simulation simulation;
    private final World world;
    private final Instance instance;
    private final Place place;
    private final byte[] failedAttempts;

    UserCode(Simulation simulation, Instance instance) {
        this.simulation = simulation;
        this.world = simulation.world();
        this.instance = instance;
        this.place = instance.place();
        this.failedAttempts = new byte[world.events];
    }

    Work work() {
        Schedule schedule = simulation.schedule();
        return switch (place.shape().kind()) {
            case SOURCE -> new Work.Source(schedule.breaker() ? Optional.of(BREAKER) : Optional.empty());
            case PROCESSOR ->
                schedule.inline()
                        ? new Work.Inline(this::process)
                        : new Work.Lanes(schedule.parallelism(), true, false);
            case SINK -> schedule.batches() ? new Work.Batches(16) : new Work.Lanes(schedule.parallelism(), true, true);
        };
    }

    private int maxAttempts() {
        return simulation.schedule().retry().maxAttempts();
    }

    private boolean sink() {
        return place.shape().kind() == Topology.Kind.SINK;
    }

    private void process(Records records, int index, Records out) throws DeliveryException {
        int event = event(records.buffer(index), records.offset(index));
        fail(event, 0);
        if (world.filtered[event]) {
            return;
        }
        output(records.buffer(index), records.offset(index), records.length(index), event, out);
    }

    /** Passes the slice on untouched, except in a diamond, whose arms must be told apart. */
    private void output(byte[] buffer, int offset, int length, int event, Records out) {
        byte[] key = {(byte) world.key(event), 7};
        if (simulation.schedule().topology() == Topology.DIAMOND) {
            byte[] marked = Arrays.copyOfRange(buffer, offset, offset + length);
            marked[6] = (byte) place.component();
            out.add(marked, 0, marked.length, key, 0, key.length, 0);
        } else {
            out.add(buffer, offset, length, key, 0, key.length, 0);
        }
    }

    private void fail(int event, int arm) throws DeliveryException {
        boolean refused =
                world.poison[place.component()][event] || (sink() && simulation.everythingPoison(place.component()));
        if (refused && !heldUntilCalm()) {
            world.gaveUp(place.component(), arm, event, sink());
            throw DeliveryException.permanent("422", "poison");
        }
        if ((sink() && simulation.outage(place.component()))
                || simulation.chance(simulation.schedule().flakyPerMille())) {
            if (failedAttempts[event] < maxAttempts()) {
                failedAttempts[event]++;
            }
            if (failedAttempts[event] >= maxAttempts()) {
                world.gaveUp(place.component(), arm, event, sink());
            }
            throw DeliveryException.transientFailure("503", "not now");
        }
    }

    /** What may not be given up must be mended one day. */
    private boolean heldUntilCalm() {
        return simulation.schedule().onFailure() == OnFailure.HOLD && simulation.now() > simulation.calmAt();
    }

    private static int event(byte[] buffer, int offset) {
        return buffer[offset + 2] << 21 | buffer[offset + 3] << 14 | buffer[offset + 4] << 7 | buffer[offset + 5];
    }

    private static int arm(Task task) {
        return task.buffer()[task.offset() + 6];
    }

    private int lane(Task task, int event) {
        return world.key(event) * 8 + arm(task);
    }

    // ---- single events -------------------------------------------------------------------------------------------

    void start(Task task) {
        int event = event(task.buffer(), task.offset());
        simulation.started(instance, lane(task, event));
        simulation.after(simulation.workNanos(), () -> attempt(task, event));
    }

    private void attempt(Task task, int event) {
        if (!instance.works()) {
            return;
        }
        long blockedUntil = simulation.blockedUntil(place.component());
        if (blockedUntil > simulation.now()) {
            simulation.at(blockedUntil, () -> attempt(task, event));
            return;
        }
        int arm = arm(task);
        try {
            Records outputs = null;
            if (sink()) {
                deliver(task, event, arm);
            } else {
                fail(event, arm);
                outputs = new Records(1);
                if (!world.filtered[event]) {
                    output(task.buffer(), task.offset(), task.length(), event, outputs);
                }
            }
            Records made = outputs;
            answer(lane(task, event), () -> instance.core().succeeded(task, made));
        } catch (DeliveryException e) {
            answer(lane(task, event), () -> instance.core().failed(task, e));
        }
    }

    private void answer(int lane, Runnable outcome) {
        simulation.after(simulation.delay() / 4, () -> {
            if (!instance.isZombie()) {
                instance.post(() -> {
                    instance.running.remove(lane);
                    outcome.run();
                });
            }
        });
    }

    private void deliver(Task task, int event, int arm) throws DeliveryException {
        if (simulation.mutation().skips(task)) {
            return;
        }
        fail(event, arm);
        failedAttempts[event] = 0;
        simulation.delivered(place, arm, event);
    }

    // ---- batches -------------------------------------------------------------------------------------------------

    void startBatch(BatchTask batch) {
        simulation.after(simulation.workNanos(), () -> attempt(batch));
    }

    private void attempt(BatchTask batch) {
        if (!instance.works()) {
            return;
        }
        long blockedUntil = simulation.blockedUntil(place.component());
        if (blockedUntil > simulation.now()) {
            simulation.at(blockedUntil, () -> attempt(batch));
            return;
        }
        Set<Integer> failedKeys = new HashSet<>();
        for (int i = 0; i < batch.size(); i++) {
            Task task = batch.event(i);
            int event = event(task.buffer(), task.offset());
            if (failedKeys.contains(world.key(event))) {
                batch.failed(i, DeliveryException.transientFailure("503", "an earlier event of the key failed"));
                continue;
            }
            try {
                deliver(task, event, arm(task));
            } catch (DeliveryException e) {
                batch.failed(i, e);
                failedKeys.add(world.key(event));
            }
        }
        simulation.after(simulation.delay() / 4, () -> {
            if (!instance.isZombie()) {
                instance.post(() -> instance.core().batchDone(batch, null));
            }
        });
    }
}
