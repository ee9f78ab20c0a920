// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

/**
 * What became of dead letters that were to go back.
 *
 * @param reason why the first of those that stayed did; empty if none did
 */
public record Replayed(long replayed, long left, String reason) {}
