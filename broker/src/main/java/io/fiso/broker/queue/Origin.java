// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import java.time.Instant;

/**
 * Where a dead letter came from.
 *
 * @param queue its full name
 * @param job its number there
 * @param attempts how often it was handed out there
 * @param enqueued when it was added there
 * @param died when it was given up
 * @param reason why
 */
public record Origin(String queue, long job, int attempts, Instant enqueued, Instant died, String reason) {}
