// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesink;

import io.fiso.brokeraccess.BrokerTarget;
import io.fiso.brokeraccess.ResourceDurability;
import io.fiso.sdk.message.EventWriter;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sink's config.
 *
 * @param queue the queue, by short or whole name
 * @param address another broker than the run's own
 * @param token what that broker wants to see
 * @param create whether the queue is made if it is not there
 * @param durability when what happens in it counts
 * @param mode how an event becomes a job
 * @param priority of every job, 0 to 9; 9 is handed out first
 * @param delay how long a job waits before it can be handed out
 */
record QueueSinkConfig(
        @Nullable String queue,
        @Nullable String address,
        @Nullable String token,
        @Nullable Boolean create,
        @Nullable ResourceDurability durability,
        EventWriter.@Nullable Mode mode,
        int priority,
        @Nullable Duration delay) {
    private static final int PRIORITY_MAX = 9;
    private static final Duration DELAY_MAX = Duration.ofDays(366);

    QueueSinkConfig {
        BrokerTarget.queue(queue, address, token, create, durability);
        mode = mode == null ? EventWriter.Mode.BINARY : mode;
        delay = delay == null ? Duration.ZERO : delay;
        if (priority < 0 || priority > PRIORITY_MAX) {
            throw new IllegalArgumentException("priority is " + priority + "; it can be 0 to 9, 9 being first");
        }
        if (delay.isNegative() || delay.compareTo(DELAY_MAX) > 0) {
            throw new IllegalArgumentException("delay is " + delay + "; it can be 0 to 366 days");
        }
    }

    @Override
    public EventWriter.Mode mode() {
        return Objects.requireNonNull(mode);
    }

    @Override
    public Duration delay() {
        return Objects.requireNonNull(delay);
    }

    BrokerTarget target() {
        return BrokerTarget.queue(queue, address, token, create, durability);
    }
}
