// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/** Received events that wait for their turn on the core's thread, in order; the records of one ledger only. */
final class Arrivals {
    private final Records records = new Records();
    private long firstSequence = 1;
    private int taken;

    void add(long sequence, Records from, int index) {
        if (taken == records.size()) {
            records.clear();
            taken = 0;
            firstSequence = sequence;
        } else if (taken >= 1024 && taken > records.size() / 2) {
            records.dropFirst(taken);
            firstSequence += taken;
            taken = 0;
        }
        records.addFrom(from, index);
    }

    boolean isEmpty() {
        return taken == records.size();
    }

    int size() {
        return records.size() - taken;
    }

    Records records() {
        return records;
    }

    int index() {
        return taken;
    }

    long sequence() {
        return firstSequence + taken;
    }

    void take() {
        records.buffers[taken] = Records.NO_KEY;
        records.keyBuffers[taken] = Records.NO_KEY;
        taken++;
    }

    void clear() {
        records.clear();
        taken = 0;
    }
}
