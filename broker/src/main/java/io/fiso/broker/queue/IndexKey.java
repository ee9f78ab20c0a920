// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import java.nio.ByteBuffer;

/** Where a job stands in its queue's index: the first entry of a priority is the next job of it, if its time has come. */
record IndexKey(int priority, long visibleMillis, long job) {
    static final int BYTES = 1 + Long.BYTES + Long.BYTES;

    /** The first that there could be of a priority at or after a moment. */
    static byte[] from(int priority, long visibleMillis) {
        return new IndexKey(priority, visibleMillis, 0).bytes();
    }

    byte[] bytes() {
        return ByteBuffer.allocate(BYTES)
                .put((byte) (NewJob.PRIORITY_MAX - priority))
                .putLong(visibleMillis)
                .putLong(job)
                .array();
    }

    static IndexKey of(byte[] bytes) {
        ByteBuffer read = ByteBuffer.wrap(bytes);
        return new IndexKey(NewJob.PRIORITY_MAX - read.get(), read.getLong(), read.getLong());
    }
}
