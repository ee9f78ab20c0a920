// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.OnFailure;
import io.fiso.sdk.delivery.Open;
import io.fiso.sdk.delivery.SubscriberCall;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.UpstreamCall;
import io.fiso.sdk.delivery.UpstreamLink;
import io.fiso.sdk.delivery.Wiring;
import io.fiso.sdk.delivery.Work;

/** A way to break a core from outside, so that a test can see that the invariants notice. The plain one breaks nothing. */
class Mutation {
    static final Mutation NONE = new Mutation();

    /** The calls a component makes; the mutant may say more, or less, than its core does. */
    UpstreamCall receiving(UpstreamCall core, UpstreamLink link, Instance subscriber, Open open) {
        return core;
    }

    /** What an emitter hears from a subscriber. */
    SubscriberCall sending(SubscriberCall core, Instance emitter, Open open) {
        return core;
    }

    /** What the control plane says. */
    Wiring wiring(Wiring wiring) {
        return wiring;
    }

    /** The totals a partition is taken up with, when one lot was committed with its position and another was seen last. */
    FateCounts resumes(FateCounts committed, FateCounts seen) {
        return committed;
    }

    /** True if partitions are given away with their events under way. */
    boolean revokesWithoutSettling() {
        return false;
    }

    /** True if a replica is declared out that is at work. */
    boolean fencesTheLiving() {
        return false;
    }

    /** True if a source goes on reading while it is paused. */
    boolean emitsWhilePaused() {
        return false;
    }

    /** True if components stand still while the control plane is away. */
    boolean stopsWithoutControlPlane() {
        return false;
    }

    /** True if a control plane that comes back starts everything, whoever works. */
    boolean startsEverythingAgain() {
        return false;
    }

    /** What a component does with what it gives up on. */
    OnFailure onFailure(OnFailure policy) {
        return policy;
    }

    /** For whom a dead letter is given in again. */
    String target(String failed) {
        return failed;
    }

    /** How a component introduces itself. */
    Open opening(Open open) {
        return open;
    }

    /** What a component does with events. */
    Work work(Work work) {
        return work;
    }

    /** True if the mutant takes this event for delivered without delivering it. */
    boolean skips(Task task) {
        return false;
    }

    /** True if the mutant calls a drain done that is not. */
    boolean leavesWithoutWaiting() {
        return false;
    }

    /** The position that is committed when the core settled up to one and emitted up to another. */
    long commits(long settled, long emitted) {
        return settled;
    }
}
