// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.proto.stream.v1.FateCounts;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The two ends of an edge, told apart in time: what the emitter had been told is settled, the receiver must have settled, if it is asked later. That holds fate
 * by fate and whenever they are asked, so that a load in motion is no violation; what came before either of them last started is left out.
 */
final class EdgeEnds {
    private long emitterGeneration;
    private long receiverGeneration;
    private @Nullable FateCounts base;
    private @Nullable Word last;
    private @Nullable Word before;

    /** What the emitter knew to be settled at some moment before this one. */
    private record Word(FateCounts settled, long answeredMillis) {}

    /**
     * The emitter's word.
     *
     * @param receiver the generation of the receiver that is registered
     * @param receiverSinceMillis since when
     * @param after the moment it speaks of is later than this
     * @param answered and earlier than this
     */
    void sent(long emitter, long receiver, long receiverSinceMillis, FateCounts settled, long after, long answered) {
        if (emitter != emitterGeneration || receiver != receiverGeneration) {
            emitterGeneration = emitter;
            receiverGeneration = receiver;
            base = null;
            last = null;
            before = null;
        }
        if (base == null) {
            // Earlier receivers settled some of it, at most all that is known by the time this one came.
            base = after > receiverSinceMillis ? settled : null;
            return;
        }
        before = last;
        last = new Word(settled, answered);
    }

    /** The receiver's word, of a moment later than {@code after}; what does not agree with the emitter's. */
    Optional<String> received(long emitter, long receiver, FateCounts settled, long after) {
        FateCounts from = base;
        Word word = last != null && last.answeredMillis() < after ? last : before;
        if (from == null
                || word == null
                || word.answeredMillis() >= after
                || emitter != emitterGeneration
                || receiver != receiverGeneration) {
            return Optional.empty();
        }
        FateCounts claimed = Fates.difference(word.settled(), from);
        if (Fates.covers(settled, claimed)) {
            return Optional.empty();
        }
        return Optional.of("its emitter counts more as settled than its receiver has settled: " + Fates.text(claimed)
                + ", but " + Fates.text(settled));
    }
}
