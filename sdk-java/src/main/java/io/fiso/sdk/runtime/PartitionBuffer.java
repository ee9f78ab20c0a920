// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.PrefixLedger;
import io.fiso.sdk.delivery.SourcePartition;
import io.fiso.sdk.event.WireEvent;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One partition of a source between its thread and the core, while it is this source's. */
final class PartitionBuffer {
    /** Events between the source's thread and the core. */
    static final int EVENTS_MAX = 2_048;

    /** An event on its way to the core. */
    static final class Handed {
        final PartitionBuffer partition;
        final SourceEvent event;
        final @Nullable WireEvent wire;
        final int size;

        Handed(PartitionBuffer partition, SourceEvent event, @Nullable WireEvent wire) {
            this.partition = partition;
            this.event = event;
            this.wire = wire;
            this.size = wire == null ? 0 : wire.size();
        }
    }

    final String name;
    /** What was committed with the position that it is taken up at. */
    final String ledger;

    // Guarded by the handover's lock.
    int events;
    int blockedEmits;
    boolean open = true;
    /** The core has more than it may take now: it looks again when something settles, so a new event need not wake it. */
    boolean holds;

    private boolean settledMoved;
    private long settledNext;
    private final FateCounts settledFates = new FateCounts();

    // Of the core thread.
    int freed;

    @Nullable
    SourcePartition known;

    final ArrayDeque<Handed> stalled = new ArrayDeque<>();

    PartitionBuffer(String name, String ledger) {
        this.name = name;
        this.ledger = ledger;
    }

    boolean isFull() {
        return events >= EVENTS_MAX;
    }

    boolean isHalfFull() {
        return events > EVENTS_MAX / 2;
    }

    /** The settled prefix has grown. */
    void settled(long next, SourcePartition partition) {
        settledMoved = true;
        settledNext = next;
        partition.settledFates(settledFates);
    }

    boolean settledMoved() {
        return settledMoved;
    }

    /** The position to commit, with its ledger in this run. */
    SettledPosition takeSettled(String run) {
        settledMoved = false;
        return new SettledPosition(settledNext, PrefixLedger.write(run, settledFates));
    }
}
