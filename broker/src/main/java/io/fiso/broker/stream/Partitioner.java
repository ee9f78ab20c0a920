// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import com.google.protobuf.ByteString;

/** Which partition a key belongs to: murmur2 as Kafka's producers have it, so keys stay together when a stream moves there. */
final class Partitioner {
    private static final int SEED = 0x9747b28c;
    private static final int FACTOR = 0x5bd1e995;

    private Partitioner() {}

    static int partition(ByteString key, int partitions) {
        return (murmur2(key) & Integer.MAX_VALUE) % partitions;
    }

    static int murmur2(ByteString data) {
        int length = data.size();
        int hash = SEED ^ length;
        int whole = length & ~3;
        for (int i = 0; i < whole; i += 4) {
            int word = unsigned(data, i)
                    | unsigned(data, i + 1) << 8
                    | unsigned(data, i + 2) << 16
                    | unsigned(data, i + 3) << 24;
            word *= FACTOR;
            word ^= word >>> 24;
            word *= FACTOR;
            hash = hash * FACTOR ^ word;
        }
        if (whole < length) {
            for (int i = length - 1; i >= whole; i--) {
                hash ^= unsigned(data, i) << 8 * (i - whole);
            }
            hash *= FACTOR;
        }
        hash ^= hash >>> 13;
        hash *= FACTOR;
        return hash ^ hash >>> 15;
    }

    private static int unsigned(ByteString data, int index) {
        return data.byteAt(index) & 0xff;
    }
}
