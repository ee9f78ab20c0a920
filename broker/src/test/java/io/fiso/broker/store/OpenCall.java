// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.util.List;

/** What may have been done to a queue, or not, when the store went. Times in milliseconds since 1970. */
sealed interface OpenCall {
    record Enqueue(List<KnownJob> jobs) implements OpenCall {}

    record Reserve(List<KnownJob> jobs, long end) implements OpenCall {}

    record Ack(KnownJob job) implements OpenCall {}

    record Nack(KnownJob job, long visible) implements OpenCall {}

    record Extend(KnownJob job, long visible) implements OpenCall {}

    record Replay(List<KnownJob> jobs, long visible) implements OpenCall {}

    record Purge(List<KnownJob> jobs) implements OpenCall {}
}
