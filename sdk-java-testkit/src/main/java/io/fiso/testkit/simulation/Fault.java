// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

/**
 * One thing that goes wrong, and heals.
 *
 * @param kind what goes wrong
 * @param atNanos when
 * @param forNanos how long, for faults that last
 * @param component whom it meets
 * @param replica which replica of it, counted around
 */
public record Fault(Kind kind, long atNanos, long forNanos, int component, int replica) {
    /** What may go wrong. */
    public enum Kind {
        /** The process is killed and comes back as a new generation. */
        CRASH(new Disruptions.Crash()),
        /** The process is cut off and replaced, and comes back to life beside its replacement. */
        ZOMBIE(new Disruptions.Zombie()),
        /** A source or processor is replaced, and goes on beside its replacement as if nothing had happened. */
        LINGER(new Disruptions.Linger()),
        /** A replica is out for a while: the others take over its keys. */
        REPLICA_OUT(new Disruptions.ReplicaOut()),
        /** The control plane is gone for a while. */
        CONTROL_PLANE_AWAY(new Disruptions.ControlPlaneAway()),
        /** Nothing goes wrong: the whole pipeline is stopped as a user stops it, and started again. */
        DRAIN(new Disruptions.DrainAndStart()),
        /** Nothing goes wrong: the run is paused for a while. */
        PAUSE(new Disruptions.Pause()),
        /** Nothing goes wrong: partitions move between replicas of a source, in order. */
        REBALANCE(new Disruptions.Rebalance()),
        /** A source loses a partition without a chance to settle, and somebody takes it up. */
        PARTITION_LOST(new Disruptions.PartitionLost()),
        /** Every connection of the component breaks, with what is on it. */
        DISCONNECT(new Disruptions.Disconnect()),
        /** A sink's outside fails every attempt transiently. */
        OUTAGE(new Disruptions.Outage()),
        /** A sink's outside refuses everything for good: it becomes a dead letter, or what else the policy says. */
        EVERYTHING_POISON(new Disruptions.EverythingPoison()),
        /** User code does not answer. */
        BLOCK(new Disruptions.Block()),
        /** The dead letter store refuses. */
        DEAD_LETTERS_DOWN(new Disruptions.DeadLettersDown());

        private final Disruption disruption;

        Kind(Disruption disruption) {
            this.disruption = disruption;
        }

        void strike(Simulation simulation, Fault fault) {
            disruption.strike(simulation, fault);
        }
    }
}
