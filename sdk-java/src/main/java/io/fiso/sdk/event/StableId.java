// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * Ids that do not change when the same thing is read again (guarantee D6): UUIDs of version 7 whose time is the thing's own and whose other
 * bits derive from where it stands.
 */
public final class StableId {
    private final long seedHigh;
    private final long seedLow;

    private StableId(long seedHigh, long seedLow) {
        this.seedHigh = seedHigh;
        this.seedLow = seedLow;
    }

    /** Ids of things in one place, such as a cluster and a topic. */
    public static StableId in(String... place) {
        ByteBuffer hash = hash(String.join("\n", place).getBytes(StandardCharsets.UTF_8));
        return new StableId(hash.getLong(), hash.getLong());
    }

    /** The id of what stands there at this partition and offset. Costs no hash function: two rounds of mixing. */
    public String at(long timestampMillis, int partition, long offset) {
        long high = mix(mix(seedHigh ^ offset) + partition);
        long low = mix(mix(seedLow + offset) ^ high);
        return uuid(timestampMillis, high, low);
    }

    /** The id of what these bytes name. */
    public static String of(long timestampMillis, byte[] name) {
        ByteBuffer hash = hash(name);
        return uuid(timestampMillis, hash.getLong(), hash.getLong());
    }

    private static String uuid(long timestampMillis, long high, long low) {
        long first = Math.max(0, timestampMillis) << 16 | 0x7000 | high >>> 52;
        long second = low >>> 2 | 0x8000_0000_0000_0000L;
        return new UUID(first, second).toString();
    }

    /** The finalizer of SplitMix64, which maps 64 bits to 64 bits one to one. */
    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }

    private static ByteBuffer hash(byte[] bytes) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
