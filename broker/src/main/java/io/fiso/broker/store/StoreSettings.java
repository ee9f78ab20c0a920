// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.time.Duration;

/**
 * The bounds of a store.
 *
 * @param logFileBytes size of one file of the log; a key and its value must fit into one. Fixed when the store is made
 * @param pageBytes how much is read at once, a power of two
 * @param cacheBytes how much of the log is kept in memory
 * @param waitingMax how many writes wait at most; more block for {@code waitMax}
 * @param batchMax how many writes are committed together at most
 * @param waitMax how long a write waits for its turn; after that it is refused with {@code broker.busy}
 * @param stallMax how long a write whose turn has come waits for the disk; after that it is not known what becomes of it
 * @param syncInterval after what time at most {@link Durability#INTERVAL} writes are on the disk
 * @param bytesMax how large the files may become together; what makes room is let through
 * @param freeBytesMin how much of the disk stays free; what makes room is let through
 * @param collectEvery how often it is looked whether more than half of the files' bytes are dead, and if so, they are reclaimed in the background; a
 *     whole file at a time. Zero: never
 */
public record StoreSettings(
        long logFileBytes,
        int pageBytes,
        long cacheBytes,
        int waitingMax,
        int batchMax,
        Duration waitMax,
        Duration stallMax,
        Duration syncInterval,
        long bytesMax,
        long freeBytesMin,
        Duration collectEvery) {
    public static final StoreSettings DEFAULT = new StoreSettings(
            16L << 20,
            64 << 10,
            64L << 20,
            1_024,
            1_024,
            Duration.ofSeconds(10),
            Duration.ofMinutes(1),
            Duration.ofSeconds(1),
            Long.MAX_VALUE,
            128L << 20,
            Duration.ofSeconds(30));

    /** What the log itself needs of a file beside one key and its value. */
    private static final int ENTRY_HEAD_BYTES = 64;

    public StoreSettings {
        require(
                Integer.bitCount(pageBytes) == 1 && pageBytes >= 1_024,
                "pageBytes",
                pageBytes,
                "a power of two >= 1024");
        require(
                logFileBytes >= pageBytes
                        && logFileBytes <= 1 << 30
                        && logFileBytes % pageBytes == 0
                        && logFileBytes % 1_024 == 0,
                "logFileBytes",
                logFileBytes,
                "a multiple of pageBytes up to 1 GiB");
        require(cacheBytes >= 2L * pageBytes, "cacheBytes", cacheBytes, "at least two pages");
        require(waitingMax > 0, "waitingMax", waitingMax, "at least 1");
        require(batchMax > 0, "batchMax", batchMax, "at least 1");
        require(waitMax.isPositive(), "waitMax", waitMax, "more than nothing");
        require(stallMax.isPositive(), "stallMax", stallMax, "more than nothing");
        require(syncInterval.isPositive(), "syncInterval", syncInterval, "more than nothing");
        require(
                collectEvery.isZero() || collectEvery.toSeconds() > 0,
                "collectEvery",
                collectEvery,
                "at least a second, or nothing");
        require(bytesMax > 0, "bytesMax", bytesMax, "at least 1");
        require(freeBytesMin >= 0, "freeBytesMin", freeBytesMin, "at least 0");
    }

    /** How many bytes a key and its value may have together. */
    public long entryBytesMax() {
        return logFileBytes - ENTRY_HEAD_BYTES;
    }

    public StoreSettings withDiskBounds(long bytesMax, long freeBytesMin) {
        return new StoreSettings(
                logFileBytes,
                pageBytes,
                cacheBytes,
                waitingMax,
                batchMax,
                waitMax,
                stallMax,
                syncInterval,
                bytesMax,
                freeBytesMin,
                collectEvery);
    }

    public StoreSettings withWaiting(int waitingMax, int batchMax, Duration waitMax, Duration stallMax) {
        return new StoreSettings(
                logFileBytes,
                pageBytes,
                cacheBytes,
                waitingMax,
                batchMax,
                waitMax,
                stallMax,
                syncInterval,
                bytesMax,
                freeBytesMin,
                collectEvery);
    }

    public StoreSettings withSyncInterval(Duration syncInterval) {
        return new StoreSettings(
                logFileBytes,
                pageBytes,
                cacheBytes,
                waitingMax,
                batchMax,
                waitMax,
                stallMax,
                syncInterval,
                bytesMax,
                freeBytesMin,
                collectEvery);
    }

    public StoreSettings withLog(long logFileBytes, int pageBytes, long cacheBytes, Duration collectEvery) {
        return new StoreSettings(
                logFileBytes,
                pageBytes,
                cacheBytes,
                waitingMax,
                batchMax,
                waitMax,
                stallMax,
                syncInterval,
                bytesMax,
                freeBytesMin,
                collectEvery);
    }

    private static void require(boolean holds, String name, Object found, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + found + "; it must be " + expected);
        }
    }
}
