// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** The transport of one call of a subscriber, seen from the emitting core. None of its methods may block or call back into the core. */
public interface SubscriberLink {
    void accepted(Accepted accepted);

    /** The only message of a call that does not stand; the transport ends the call after it. */
    void refused(Refusal reason, String message);

    /**
     * Sends records {@code 0 .. size-1} as one batch numbered densely from {@code firstSequence}. The slices stay valid, the {@code records}
     * object does not: encode or copy it before returning.
     *
     * @param settledUpTo every settlement up to and including this sequence has arrived here, for good ({@code Batch.settled_up_to})
     */
    void batch(long firstSequence, Records records, long settledUpTo);

    /** Takes back the sequences {@code first .. last} where they have not been started. */
    void recall(long first, long last);

    void endOfStream(long lastSequence);

    /** Ends the call. The core expects nothing further of it; {@link SubscriberCall#closed} may still be called, without effect. */
    void close();
}
