// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

/** Something that must hold at every moment of every schedule. Hooks are called as things happen. */
abstract class Invariant {
    /** An event reached the outside of a sink. */
    void delivered(World world, int route, int event) {}

    /** A source is about to commit: every event of the partition below this position is said to be settled. */
    void committing(World world, int source, int partition, long position) {}

    /** An emitter accepted a subscriber. */
    void accepted(Instance emitter, String edge, Instance subscriber) {}

    /** A subscriber goes on with an emitter that accepted it. */
    void took(Instance subscriber, String edge, Instance emitter) {}

    /** The pipeline said that it is drained, and is about to be started anew. */
    void drained(Simulation simulation) {}

    /** An instance finished a turn. */
    void turned(Instance instance) {}

    /** An attempt began. */
    void started(Instance instance, int key) {}

    /** Every fault has healed, and everything had time to finish. */
    void quiescent(Simulation simulation) {}
}
