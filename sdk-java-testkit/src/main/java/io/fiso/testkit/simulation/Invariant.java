// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.Progress;

/** Something that must hold at every moment of every schedule. Hooks are called as things happen. */
abstract class Invariant {
    /** An event reached the outside of a sink. */
    void delivered(World world, int route, int event, Place sink) {}

    /** A source is about to commit: every event of the partition below this position is said to be settled. */
    void committing(World world, int source, int partition, long position, FateCounts fates) {}

    /** An emitter accepted a subscriber. */
    void accepted(Instance emitter, String edge, Instance subscriber) {}

    /** A subscriber goes on with an emitter that accepted it. */
    void took(Instance subscriber, String edge, Instance emitter) {}

    /** The pipeline said that it is drained, and is about to be started anew. */
    void drained(Simulation simulation) {}

    /** An instance finished a turn, and this is how far it has come. */
    void turned(Instance instance, Progress progress) {}

    /** An attempt began, in a lane. */
    void started(Instance instance, int lane) {}

    /** An instance says for the first time that all its inputs have ended and everything is settled. */
    void done(Simulation simulation, Instance instance) {}

    /** Somebody new is about to be started in a place. */
    void starting(Fleet fleet, Place place) {}

    /** The control plane was away for so long, nothing else went wrong, and so much was delivered, committed or dead-lettered. */
    void flowedAlone(Simulation simulation, long moved, long nanos) {}

    /** A source is about to emit what it has read. */
    void emitting(Instance source, int event) {}

    /** The dead letter store has taken an event. */
    void deadLettered(Simulation simulation, int event) {}

    /** After all was over, every dead letter was given in again. */
    void replayed(Simulation simulation) {}

    /** Every fault has healed, and everything had time to finish. */
    void quiescent(Simulation simulation) {}
}
