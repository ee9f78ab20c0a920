// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** One call to an emitter: what the transport tells the receiving core. Calls that have been replaced are ignored. */
public interface UpstreamCall {
    void accepted(Accepted accepted);

    void refused(Refusal reason, String message);

    /**
     * Takes a batch. The slices must stay valid, the {@code records} object may be reused afterwards.
     *
     * @param settledUpTo {@code Batch.settled_up_to}
     * @throws ProtocolException on a gap; the transport closes the call
     */
    void batch(long firstSequence, Records records, long settledUpTo);

    void recall(long first, long last);

    void endOfStream(long lastSequence);

    /** The call is over, or never came to stand. The core opens another after a while. */
    void closed();
}
