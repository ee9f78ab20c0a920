// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.delivery.BatchTask;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.DeliverySettings;
import io.fiso.sdk.delivery.Effects;
import io.fiso.sdk.delivery.FailedEvent;
import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.Fate;
import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.Open;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.RetryPolicy;
import io.fiso.sdk.delivery.SourcePartition;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.UpstreamCall;
import io.fiso.sdk.delivery.UpstreamLink;
import io.fiso.sdk.delivery.Wiring;
import io.fiso.sdk.delivery.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One start of one component: a core, and everything that dies with its process. */
final class Instance implements Effects {
    private static final int MAX_ATTEMPTS = 4;
    private static final RetryPolicy RETRY = new RetryPolicy(
            MAX_ATTEMPTS, RetryPolicy.Backoff.EXPONENTIAL, Duration.ofNanos(500_000), Duration.ofMillis(4), 0.2);

    private final Simulation simulation;
    private final World world;
    private final int component;
    private final Topology.Component shape;
    private final long generation;
    private final DeliveryCore core;
    private final byte[] failedAttempts;
    final List<Wire> wires = new ArrayList<>();
    final Set<Integer> running = new HashSet<>();
    private final List<Runnable> backlog = new ArrayList<>();
    private final int source;
    private final SourcePartition[] partitions;
    private final int[] cursors;
    private boolean alive = true;
    private boolean frozen;
    private boolean zombie;
    private boolean lingering;
    private boolean turnPlanned;
    private boolean ended;
    private boolean draining;
    private int turns;

    Instance(Simulation simulation, int component, long generation) {
        this.simulation = simulation;
        this.world = simulation.world();
        this.component = component;
        this.shape = simulation.schedule().topology().components().get(component);
        this.generation = generation;
        this.failedAttempts = new byte[world.events];
        Schedule schedule = simulation.schedule();
        core = new DeliveryCore(
                new DeliverySettings(
                        "run",
                        shape.name(),
                        0,
                        shape.name() + "#" + generation,
                        generation,
                        simulation.inputs(component),
                        simulation.outputs(component),
                        new DeliverySettings.Limits(
                                schedule.windowEvents(), 1 << 20, 1 << 10, schedule.maxSpan(), 1 << 10, 4096),
                        RETRY),
                simulation.mutation().work(work(schedule)),
                this,
                simulation.random());
        source = shape.kind() == Topology.Kind.SOURCE ? component : -1;
        partitions = new SourcePartition[source < 0 ? 0 : schedule.partitions()];
        cursors = new int[partitions.length];
        for (int i = 0; i < partitions.length; i++) {
            partitions[i] = core.partition("p" + i);
            int[] log = world.log(source, i);
            while (cursors[i] < log.length && world.position(log[cursors[i]]) < world.committed(source, i)) {
                cursors[i]++;
            }
        }
    }

    private Work work(Schedule schedule) {
        return switch (shape.kind()) {
            case SOURCE -> new Work.Source();
            case PROCESSOR ->
                schedule.inline()
                        ? new Work.Inline(this::process)
                        : new Work.Lanes(schedule.parallelism(), true, false);
            case SINK -> schedule.batches() ? new Work.Batches(16) : new Work.Lanes(schedule.parallelism(), true, true);
        };
    }

    // ---- life ----------------------------------------------------------------------------------------------------

    DeliveryCore core() {
        return core;
    }

    Schedule schedule() {
        return simulation.schedule();
    }

    long generation() {
        return generation;
    }

    boolean isSource() {
        return source >= 0;
    }

    boolean isSink() {
        return shape.kind() == Topology.Kind.SINK;
    }

    boolean reachable() {
        return alive && !frozen;
    }

    boolean haunts() {
        return alive && (zombie || lingering);
    }

    void start() {
        if (isSource()) {
            tick();
        }
        planTurn();
    }

    void kill() {
        alive = false;
        for (Wire wire : wires) {
            wire.breakDown();
        }
        wires.clear();
    }

    /** Goes on beside its replacement, which it knows nothing of. */
    void linger() {
        lingering = true;
    }

    /** Cut off from everything, but not dead. */
    void freeze() {
        frozen = true;
        zombie = true;
        for (Wire wire : wires) {
            wire.breakDown();
        }
        wires.clear();
    }

    /** Back beside its replacement; the outside takes nothing from it any more. */
    void thaw() {
        if (!alive) {
            return;
        }
        frozen = false;
        List<Runnable> missed = List.copyOf(backlog);
        backlog.clear();
        missed.forEach(this::post);
        planTurn();
    }

    void disconnect() {
        for (Wire wire : List.copyOf(wires)) {
            wire.breakDown();
        }
        wires.clear();
    }

    /** Runs something on the core's thread, and a turn soon after. */
    void post(Runnable what) {
        if (!alive) {
            return;
        }
        if (frozen) {
            backlog.add(what);
            return;
        }
        what.run();
        planTurn();
    }

    private void planTurn() {
        if (!turnPlanned) {
            turnPlanned = true;
            simulation.after(10_000, this::turn);
        }
    }

    private void turn() {
        turnPlanned = false;
        if (!reachable()) {
            return;
        }
        boolean more = core.turn();
        if ((turns++ & 7) == 0) {
            simulation.turned(this);
        }
        if (more) {
            planTurn();
        }
    }

    // ---- source --------------------------------------------------------------------------------------------------

    private void tick() {
        if (!reachable() || zombie) {
            return;
        }
        emitSome();
        core.settledPositions((partition, position) -> commit(partition, position));
        planTurn();
        if (!(ended && simulation.committedAll(source))) {
            simulation.after(500_000, this::tick);
        }
    }

    /** Takes in nothing more. */
    void drain() {
        draining = true;
        post(core::drain);
    }

    /** Whether everything it took in is settled and committed. */
    boolean drained() {
        return core.unsettled() == 0 && uncommitted() == 0;
    }

    /** How many events it emitted that the next start would emit again. */
    long uncommitted() {
        long open = 0;
        for (int i = 0; i < cursors.length; i++) {
            int[] log = world.log(source, i);
            for (int n = cursors[i] - 1; n >= 0 && world.position(log[n]) >= world.committed(source, i); n--) {
                open++;
            }
        }
        return open;
    }

    /** Loses a partition, and is given it again at once: goes on from where it is committed. */
    void revoke(int partition) {
        if (!reachable() || zombie || ended) {
            return;
        }
        post(() -> {
            core.release(partitions[partition]);
            partitions[partition] = core.partition("p" + partition);
            cursors[partition] = 0;
            int[] log = world.log(source, partition);
            while (cursors[partition] < log.length
                    && world.position(log[cursors[partition]]) < world.committed(source, partition)) {
                cursors[partition]++;
            }
        });
    }

    private void emitSome() {
        if (draining) {
            return;
        }
        int budget = 1 + world.schedule.events() / 100;
        boolean over = true;
        for (int i = 0; i < partitions.length; i++) {
            int[] log = world.log(source, i);
            for (int n = 0; n < budget && cursors[i] < log.length && core.ready(partitions[i]); n++) {
                emit(i, log[cursors[i]++]);
            }
            over &= cursors[i] == log.length;
        }
        if (over && !ended) {
            ended = true;
            core.sourceEnded();
        }
    }

    private void emit(int partition, int event) {
        if (world.firstEmitted[event] == 0) {
            world.firstEmitted[event] = simulation.now();
        }
        if (world.poison[component][event]) {
            world.gaveUp(component, 0, event, false);
            Failure failure = new Failure("CLOUDEVENT_WRAP_FAILED", "poison", 1, shape.name(), "");
            core.emitFailed(partitions[partition], world.position(event), failure, event);
            return;
        }
        byte[] bytes = {0x0a, 4, (byte) (event >> 24), (byte) (event >> 16), (byte) (event >> 8), (byte) event};
        byte[] key = {(byte) world.key(event), 7};
        core.emit(partitions[partition], world.position(event), bytes, 0, bytes.length, key, event);
    }

    private void commit(SourcePartition partition, long settled) {
        int index = Arrays.asList(partitions).indexOf(partition);
        int[] log = world.log(source, index);
        long emitted = cursors[index] == 0 ? 0 : world.position(log[cursors[index] - 1]) + 1;
        long position = simulation.mutation().commits(settled, emitted);
        FateCounts fates = new FateCounts();
        partition.settledFates(fates);
        simulation.after(simulation.delay(), () -> {
            if (alive && !zombie && !simulation.replaced(component, generation)) {
                simulation.commit(source, index, position);
                post(() -> core.committed(partition, position, fates));
            }
        });
    }

    @Override
    public void writeDeadLetters(List<FailedEvent> letters) {
        simulation.after(simulation.delay() * 2, () -> {
            if (!alive || zombie) {
                return;
            }
            if (simulation.deadLettersDown()) {
                post(() -> core.deadLettersRefused("the store is down"));
                return;
            }
            for (FailedEvent letter : letters) {
                int event = letter.attachment() instanceof Integer original ? original : -1;
                if (event < 0 || world.position(event) != letter.position()) {
                    throw new Violation(
                            "D7", "the dead letter for position " + letter.position() + " does not carry its original");
                }
                world.deadLettered[event] = true;
            }
            post(core::deadLettersWritten);
        });
    }

    // ---- user code -----------------------------------------------------------------------------------------------

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
        if (schedule().topology() == Topology.DIAMOND) {
            byte[] marked = Arrays.copyOfRange(buffer, offset, offset + length + 2);
            marked[length] = 0x10;
            marked[length + 1] = (byte) component;
            out.add(marked, 0, marked.length, key, 0, key.length, 0);
        } else {
            out.add(buffer, offset, length, key, 0, key.length, 0);
        }
    }

    private void fail(int event, int arm) throws DeliveryException {
        boolean sink = shape.kind() == Topology.Kind.SINK;
        if (world.poison[component][event]) {
            world.gaveUp(component, arm, event, sink);
            throw DeliveryException.permanent("422", "poison");
        }
        if ((sink && simulation.outage(component))
                || simulation.chance(schedule().flakyPerMille())) {
            if (failedAttempts[event] < MAX_ATTEMPTS) {
                failedAttempts[event]++;
            }
            if (failedAttempts[event] >= MAX_ATTEMPTS) {
                world.gaveUp(component, arm, event, sink);
            }
            throw DeliveryException.transientFailure("503", "not now");
        }
    }

    private static int event(byte[] buffer, int offset) {
        return (buffer[offset + 2] & 0xff) << 24
                | (buffer[offset + 3] & 0xff) << 16
                | (buffer[offset + 4] & 0xff) << 8
                | (buffer[offset + 5] & 0xff);
    }

    private static int arm(Task task) {
        return task.length() > 6 ? task.buffer()[task.offset() + 7] : 0;
    }

    @Override
    public void start(Task task) {
        int event = event(task.buffer(), task.offset());
        simulation.started(this, world.key(event) * 8 + arm(task));
        simulation.after(simulation.workNanos(), () -> attempt(task, event));
    }

    private void attempt(Task task, int event) {
        if (!alive || zombie) {
            return;
        }
        long blockedUntil = simulation.blockedUntil(component);
        if (blockedUntil > simulation.now()) {
            simulation.at(blockedUntil, () -> attempt(task, event));
            return;
        }
        int arm = arm(task);
        try {
            Records outputs = null;
            if (shape.kind() == Topology.Kind.SINK) {
                deliver(task, event, arm);
            } else {
                fail(event, arm);
                outputs = new Records(1);
                if (!world.filtered[event]) {
                    output(task.buffer(), task.offset(), task.length(), event, outputs);
                }
            }
            Records made = outputs;
            answer(event, arm, () -> core.succeeded(task, made));
        } catch (DeliveryException e) {
            answer(event, arm, () -> core.failed(task, e));
        }
    }

    private void answer(int event, int arm, Runnable outcome) {
        simulation.after(simulation.delay() / 4, () -> {
            if (!zombie) {
                post(() -> {
                    running.remove(world.key(event) * 8 + arm);
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
        simulation.delivered(component, arm, event);
    }

    @Override
    public void startBatch(BatchTask batch) {
        simulation.after(simulation.workNanos(), () -> attempt(batch));
    }

    private void attempt(BatchTask batch) {
        if (!alive || zombie) {
            return;
        }
        long blockedUntil = simulation.blockedUntil(component);
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
            if (!zombie) {
                post(() -> core.batchDone(batch, null));
            }
        });
    }

    // ---- the rest of the world -----------------------------------------------------------------------------------

    @Override
    public long nanoTime() {
        return simulation.now();
    }

    @Override
    public UpstreamLink dial(Wiring.Upstream upstream, Open open, UpstreamCall call) {
        Wire wire = new Wire(simulation, this, open, call);
        wires.removeIf(Wire::broken);
        wires.add(wire);
        wire.dial(simulation.find(upstream.address()));
        return wire;
    }

    @Override
    public void wakeAt(long nanos) {
        simulation.at(nanos, this::planTurn);
    }

    @Override
    public void injected(Object token, Fate fate, @Nullable Failure failure) {}

    @Override
    public void fenced(String reason) {
        if (!zombie && !lingering) {
            throw new Violation("D8", this + " was fenced though nobody replaced it: " + reason);
        }
        if (lingering) {
            // What it alone was given is given again to its replacement.
            world.disturbances.add(simulation.now());
        }
        simulation.after(1, this::kill);
    }

    @Override
    public String toString() {
        return shape.name() + "#" + generation;
    }
}
