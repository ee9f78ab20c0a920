// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** One call of a subscriber: what the transport tells the emitting core. Calls that have been replaced are ignored. */
public interface SubscriberCall {
    /** Totals since accepted. */
    void credit(long events, long bytes);

    /**
     * @throws ProtocolException if it settles what was never sent; the transport closes the call
     */
    void settle(Settlement settlement);

    /** The call is over, for whatever reason. */
    void closed();
}
