// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import org.jspecify.annotations.Nullable;

/** Where events wait for user code, run, and wait again: lanes of single events, or batches. */
abstract class Workshop {
    private @Nullable Task pool;
    private long arrivals;

    final Task take(InputLedger ledger, long sequence, Records records, int index) {
        Task task = pool;
        if (task == null) {
            task = new Task();
        } else {
            pool = task.next;
        }
        task.next = null;
        task.buffer = records.buffers[index];
        task.offset = records.offsets[index];
        task.length = records.lengths[index];
        task.keyBuffer = records.keyBuffers[index];
        task.keyOffset = records.keyOffsets[index];
        task.keyLength = records.keyLengths[index];
        task.flags = records.flags[index];
        task.attempts = 0;
        task.probes = 0;
        task.alone = false;
        task.sequence = sequence;
        task.arrival = ++arrivals;
        task.ledger = ledger;
        return task;
    }

    final void free(Task task) {
        task.buffer = Records.NO_KEY;
        task.keyBuffer = Records.NO_KEY;
        task.keyLength = 0;
        task.ledger = null;
        task.lane = null;
        task.next = pool;
        pool = task;
    }

    /** Whether nobody wants this event any more: its emitter was replaced, or took it back. */
    static boolean obsolete(Task task) {
        InputLedger ledger = ledger(task);
        return ledger.retired() || ledger.settled(task.sequence);
    }

    static InputLedger ledger(Task task) {
        return java.util.Objects.requireNonNull(task.ledger, "the task was given back before");
    }

    abstract void add(Task task);

    /** Starts what may be started. */
    abstract void pump(long now);

    /** These events are not wanted any more; those that wait for a retry must not hold up their keys. */
    abstract void discard(InputLedger ledger);

    abstract int running();

    /** Whether events wait that could run now if there were room. */
    abstract boolean hasReady();

    abstract long wakeAtNanos();

    /** How many events and lanes it remembers, wherever they wait. */
    abstract long remembered();

    abstract String holding();
}
