// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which replica of a source reads which partition, as a consumer group has it: somebody who leaves a partition settles what it has begun
 * first, within a grace; who is dead or replaced is passed over; and only the owner commits.
 */
final class Group {
    private static final long GRACE_NANOS = 6 * Schedule.MILLIS;

    private final Simulation simulation;
    private final int component;
    private final List<Place> places;
    private final @Nullable Instance[] owners;
    private final boolean[] moving;
    private final boolean fixed;
    private int shift;

    Group(Simulation simulation, int component, List<Place> places) {
        this.simulation = simulation;
        this.component = component;
        this.places = places;
        this.owners = new Instance[simulation.schedule().partitions()];
        this.moving = new boolean[owners.length];
        this.fixed = simulation.schedule().fixedPartitions();
    }

    /** Whether nothing more can come to a replica that has read what it has: what others have, it may still be given. */
    boolean over(Instance instance) {
        for (int partition = 0; partition < owners.length; partition++) {
            boolean mine = !fixed || places.get(partition % places.size()) == instance.place();
            boolean read = fixed ? instance.reader().atEnd(partition) : simulation.committedAll(component, partition);
            if (mine && !read) {
                return false;
            }
        }
        return true;
    }

    boolean owns(Instance instance, int partition) {
        return owners[partition] == instance;
    }

    /** Somebody came or went. */
    void changed() {
        balance();
    }

    /** Moves every partition on to the next member. */
    void rotate() {
        if (fixed) {
            return;
        }
        shift++;
        for (int partition = 0; partition < owners.length; partition++) {
            move(partition);
        }
    }

    /** The owner of a partition loses it without a chance to settle, and somebody takes it up at once. */
    void lose(int partition) {
        Instance owner = owners[partition];
        if (fixed || owner == null || moving[partition] || !owner.reader().owns(partition)) {
            return;
        }
        simulation.disturbed();
        simulation.disturbed();
        owners[partition] = null;
        owner.post(() -> owner.reader().release(partition));
        move(partition);
    }

    private void balance() {
        for (int partition = 0; partition < owners.length; partition++) {
            if (owners[partition] != wanted(partition) || stale(owners[partition])) {
                move(partition);
            }
        }
    }

    private @Nullable Instance wanted(int partition) {
        if (fixed) {
            return simulation.fleet().at(places.get(partition % places.size()));
        }
        List<Instance> members = places.stream()
                .map(simulation.fleet()::at)
                .filter(instance -> instance != null && instance.reachable())
                .toList();
        return members.isEmpty() ? null : members.get((partition + shift) % members.size());
    }

    private boolean stale(@Nullable Instance owner) {
        return owner == null || !owner.reachable() || simulation.fleet().at(owner.place()) != owner;
    }

    private void move(int partition) {
        if (moving[partition]) {
            return;
        }
        Instance owner = owners[partition];
        if (owner == null || stale(owner)) {
            give(partition);
            return;
        }
        moving[partition] = true;
        owner.post(() -> owner.reader().leave(partition));
        awaitSettled(owner, partition, simulation.now() + GRACE_NANOS);
    }

    private void awaitSettled(Instance owner, int partition, long until) {
        if (stale(owner)) {
            moving[partition] = false;
            give(partition);
            return;
        }
        boolean settled = owner.reader().settled(partition);
        if (!settled && !simulation.mutation().revokesWithoutSettling() && simulation.now() < until) {
            simulation.after(300_000, () -> awaitSettled(owner, partition, until));
            return;
        }
        owner.post(() -> {
            moving[partition] = false;
            owner.reader().commitNow(partition);
            owners[partition] = null;
            if (!settled && !simulation.mutation().revokesWithoutSettling()) {
                simulation.disturbed();
                // What is begun of it may come amid what the next owner emits: back into that, and out of it again.
                simulation.disturbed();
            }
            if (!simulation.mutation().revokesWithoutSettling()) {
                owner.reader().release(partition);
            }
            give(partition);
        });
    }

    private void give(int partition) {
        Instance next = wanted(partition);
        owners[partition] = next;
        if (next != null) {
            simulation.trace(() -> next + " takes up partition " + partition + " of "
                    + places.getFirst().shape().name());
            next.post(() -> {
                if (owns(next, partition)) {
                    next.reader().takeUp(partition);
                }
            });
        }
    }

    @Override
    public String toString() {
        return "Group[" + component + "]";
    }
}
