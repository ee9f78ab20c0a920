// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.Optional;

/** What the component does with events, and how it wants them. */
public sealed interface Work {
    /**
     * Takes events from outside: {@link DeliveryCore#emit}.
     *
     * @param breaker when it pauses by itself; empty for never
     */
    record Source(Optional<ErrorRate> breaker) implements Work {
        /** One that never pauses by itself. */
        public Source() {
            this(Optional.empty());
        }
    }

    /** User code runs on the core's thread, one event after the other: processors with parallelism 1. */
    record Inline(InlineProcessor processor) implements Work {}

    /**
     * User code runs on threads of its own: {@link Effects#start}, at most {@code parallelism} at once, the oldest event first.
     *
     * @param parallelism how many at once
     * @param ordered whether events of one order key go one after the other ({@code ordering: key})
     * @param sink whether success means delivered (a sink) or counts by its outputs (a processor)
     */
    record Lanes(Parallelism parallelism, boolean ordered, boolean sink) implements Work {
        /** With a fixed parallelism. */
        public Lanes(int parallelism, boolean ordered, boolean sink) {
            this(Parallelism.fixed(parallelism), ordered, sink);
        }
    }

    /** User code takes batches, one at a time: {@link Effects#startBatch}. */
    record Batches(int maxEvents) implements Work {}

    /** A processor's code, run on the core's thread. */
    @FunctionalInterface
    interface InlineProcessor {
        /**
         * Handles record {@code index} of {@code records}. What it adds to {@code out} counts only if it returns.
         *
         * @throws io.fiso.sdk.DeliveryException which says whether to try again; any other exception fails the event for good
         */
        void process(Records records, int index, Records out) throws Exception;
    }
}
