// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.time.Duration;

/**
 * How often and how long. Every value is positive, but for the orphan grace.
 *
 * @param heartbeat how often components are told to send a sign of life
 * @param describe how often progress is asked for
 * @param describeWhenClose the same while a run starts, drains or is about to end, so that nobody waits a second for nothing
 * @param healthCheck how often the component's own health is asked for
 * @param unhealthyAfter silence after which a component is UNHEALTHY
 * @param restartAfter silence after which it is restarted
 * @param orphanGrace how long a component goes on without a control plane; zero means for ever
 * @param stopGrace how long one component may take to end when nothing is in flight any more
 * @param callTimeout the deadline of every call to a component
 */
public record Timing(
        Duration heartbeat,
        Duration describe,
        Duration describeWhenClose,
        Duration healthCheck,
        Duration unhealthyAfter,
        Duration restartAfter,
        Duration orphanGrace,
        Duration stopGrace,
        Duration callTimeout) {
    /** The documented values. */
    public static final Timing DEFAULT = new Timing(
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofMillis(200),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofMinutes(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2));

    /** With another orphan grace; zero means for ever. */
    public Timing withOrphanGrace(Duration value) {
        return new Timing(
                heartbeat,
                describe,
                describeWhenClose,
                healthCheck,
                unhealthyAfter,
                restartAfter,
                value,
                stopGrace,
                callTimeout);
    }
}
