// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/**
 * The subscription stands.
 *
 * @param emitterGeneration the emitter's generation
 * @param epoch counts renumberings; sequences are dense from 1 within one
 * @param continues true if the subscriber's numbers go on (CONTINUE), false if they start anew (RESET)
 * @param nextSequence the sequence of the first event on this call
 * @param maxEventBytes the largest event that will ever be sent
 */
public record Accepted(long emitterGeneration, long epoch, boolean continues, long nextSequence, int maxEventBytes) {}
