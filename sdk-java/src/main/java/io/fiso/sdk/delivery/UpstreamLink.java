// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** The transport of one call to an emitter, seen from the receiving core. None of its methods may block or call back into the core. */
public interface UpstreamLink {
    /** Totals since accepted. */
    void credit(long events, long bytes);

    /** Valid during the call: encode or copy it before returning. */
    void settle(Settlement settlement);

    /** Ends the call; {@link UpstreamCall#closed} may still be called, without effect. */
    void close();
}
