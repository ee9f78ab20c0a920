// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import java.time.Instant;
import java.util.Optional;

/**
 * A job without what it carries.
 *
 * @param id its number in its queue, never given again
 * @param attempts how often it was handed out
 * @param visible when it became ready, or will: the end of its delay or lease
 * @param reason what the last worker that gave it back said; may be empty
 * @param origin where it came from, if it is a dead letter
 */
public record Job(
        long id,
        int priority,
        JobState state,
        int attempts,
        Instant enqueued,
        Instant visible,
        String reason,
        int payloadSize,
        Optional<Origin> origin) {}
