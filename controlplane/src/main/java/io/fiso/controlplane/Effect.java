// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.time.Duration;

/** What a decision wants done outside. Applied in order, in one place. */
sealed interface Effect {
    /** Start a replica; answer with {@code launched}, {@code launchFailed} and, at its end, {@code ended}. */
    record Launch(ReplicaId replica, int launch) implements Effect {}

    /** End a replica by way of the driver; {@code ended} follows. */
    record Stop(ReplicaId replica, int launch, Duration grace) implements Effect {}

    /** Ask a component to drain. */
    record Drain(ReplicaId replica, Duration grace) implements Effect {}

    /** Ask a source to emit nothing more; asked again with every answer that does not show it. */
    record Pause(ReplicaId replica, String reason) implements Effect {}

    /** Ask a source to go on. */
    record Resume(ReplicaId replica) implements Effect {}

    /** Tell a source that its outside gets nothing more; told again with every answer that does not show it. */
    record Finish(ReplicaId replica, String mark) implements Effect {}

    /** Ask a component for its progress; answer with {@code described}. */
    record Describe(ReplicaId replica, String instance) implements Effect {}

    /** Ask a component for its health; answer with {@code healthChecked}. */
    record CheckHealth(ReplicaId replica, String instance) implements Effect {}

    /** Hand the wiring to all who watch it. */
    record PublishWiring() implements Effect {}

    /** Store the run durably, before anybody is told. */
    record Save() implements Effect {}

    /** Note a decision in the log. */
    record Note(System.Logger.Level level, String message, String component) implements Effect {}
}
