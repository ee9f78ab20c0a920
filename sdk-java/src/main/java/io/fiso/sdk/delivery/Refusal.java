// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** Why a subscription does not stand. */
public enum Refusal {
    /** A newer generation of this subscriber is known: the caller has been replaced and must exit. */
    STALE_GENERATION,
    /** The emitter has no wiring yet, or it does not list this subscriber: try again later. */
    NOT_WIRED,
    /** The emitter has no such edge. */
    UNKNOWN_EDGE,
    /** Another instance of the same generation holds the subscription. */
    DUPLICATE,
    /** The subscriber belongs to another run. */
    WRONG_RUN
}
