// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.List;

/**
 * What a core does to the world. Every method is called on the core's thread, and must neither block nor call back into the core; answers
 * are posted to the core's thread.
 */
public interface Effects {
    /** Monotonic time. */
    long nanoTime();

    /** Dials an emitter and sends {@code open}; answers go to {@code call}. */
    UpstreamLink dial(Wiring.Upstream upstream, Open open, UpstreamCall call);

    /** Starts an attempt on a thread of its own; answer with {@link DeliveryCore#succeeded} or {@link DeliveryCore#failed}. */
    void start(Task task);

    /** Hands over a batch; answer with {@link DeliveryCore#batchDone}. At most one is out at a time. */
    void startBatch(BatchTask batch);

    /**
     * Writes these dead letters durably, in order; answer with {@link DeliveryCore#deadLettersWritten} or {@link
     * DeliveryCore#deadLettersRefused}. At most one call is out at a time. The list does not change.
     */
    void writeDeadLetters(List<FailedEvent> letters);

    /** Call {@link DeliveryCore#turn} at this time or soon after; replaces what was asked before. */
    void wakeAt(long nanos);

    /** An injected event is settled; {@code failure} is set if its fate is FAILED. */
    void injected(Object token, Fate fate, @org.jspecify.annotations.Nullable Failure failure);

    /** An event may not be given up, and the policy is to fail: this component must end for good, and its run with it. Nothing of it is settled. */
    default void failed(Failure failure) {
        throw new IllegalStateException("the policy is to fail, and nobody ends this component: " + failure);
    }

    /** A newer generation of this component is at work: this one must exit. */
    void fenced(String reason);
}
