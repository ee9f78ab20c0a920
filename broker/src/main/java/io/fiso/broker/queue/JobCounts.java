// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import java.time.Instant;
import java.util.Optional;

/**
 * How many jobs there are.
 *
 * @param oldest when the oldest of any state was added
 * @param oldestReady since when the one that has waited longest is ready
 */
public record JobCounts(
        long ready, long delayed, long leased, Optional<Instant> oldest, Optional<Instant> oldestReady) {}
