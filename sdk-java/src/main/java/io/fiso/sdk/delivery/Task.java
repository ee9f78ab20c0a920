// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import org.jspecify.annotations.Nullable;

/**
 * One event on its way through user code. Handed out by {@link Effects#start}, and given back with its outcome exactly once; not to be
 * touched afterwards, since the core uses it again.
 */
public final class Task {
    byte[] buffer = Records.NO_KEY;
    int offset;
    int length;
    byte[] keyBuffer = Records.NO_KEY;
    int keyOffset;
    int keyLength;

    /** Of the key; only where events are ordered by it. */
    int keyHash;

    int flags;
    int attempts;
    long sequence;
    long dueNanos;

    /** The place in the order of arrival, over all inputs; different for every event. */
    long arrival;

    /** How often it asked whether the outside is back. */
    int probes;

    /** It failed in a batch, and it is not known whether it was the one to blame. */
    boolean alone;

    @Nullable
    InputLedger ledger;

    @Nullable
    Lane lane;

    @Nullable
    Task next;

    Task() {}

    public byte[] buffer() {
        return buffer;
    }

    public int offset() {
        return offset;
    }

    public int length() {
        return length;
    }

    public byte[] keyBuffer() {
        return keyBuffer;
    }

    public int keyOffset() {
        return keyOffset;
    }

    public int keyLength() {
        return keyLength;
    }

    public int flags() {
        return flags;
    }

    /** Which attempt this is, from 1. */
    public int attempt() {
        return attempts + 1;
    }
}
