// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.pipeline.ResolvedComponent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** How often a component may be started again, and how long each start waits. */
final class RestartBudget {
    private final ResolvedComponent.Restart policy;
    private final Deque<Long> restarts = new ArrayDeque<>();
    private int total;

    RestartBudget(ResolvedComponent.Restart policy, int total) {
        this.policy = policy;
        this.total = total;
    }

    /** How often it was started again in this run. */
    int total() {
        return total;
    }

    /** Takes one restart: how long to wait before it; empty if the budget is spent. */
    Optional<Duration> take(Now now) {
        restarts.removeIf(time -> now.since(time).compareTo(policy.window()) > 0);
        int recent = restarts.size();
        if (recent >= policy.maxRestarts()) {
            return Optional.empty();
        }
        restarts.addLast(now.millis());
        total++;
        Duration delay = policy.initialBackoff().multipliedBy(1L << Math.min(recent, 20));
        return Optional.of(delay.compareTo(policy.maxBackoff()) > 0 ? policy.maxBackoff() : delay);
    }

    /** For people: what spent it. */
    String spent() {
        return "restarted " + restarts.size() + " times within "
                + policy.window().toMinutes() + " min, which spends its budget";
    }
}
