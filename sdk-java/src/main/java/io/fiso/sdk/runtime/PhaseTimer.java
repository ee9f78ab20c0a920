// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

/** Takes how long one step of an event took. */
@FunctionalInterface
interface PhaseTimer {
    void observe(long nanos);
}
