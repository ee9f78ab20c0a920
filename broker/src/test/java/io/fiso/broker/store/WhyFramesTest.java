// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Random;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.ByteIterable;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.io.DataReaderWriterProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Why there is a {@link FrameLog}: without it, loss of power puts in the place of a durable record what nobody wrote. When this test fails, Xodus has learned to look after itself. */
@Timeout(300)
class WhyFramesTest {
    private static final int KEYS = 40;
    private static final int SCHEDULES = 400;

    @Test
    void withoutFramesLossOfPowerLeavesWhatNobodyWroteInPlaceOfWhatWasDurable() throws IOException {
        int lost = 0;
        for (int seed = 1; seed <= SCHEDULES; seed++) {
            lost += loses(seed) ? 1 : 0;
        }
        System.out.printf(
                "without frames: after %d of %d losses of power a durable record was neither the old nor the new one%n",
                lost, SCHEDULES);
        assertThat(lost).isPositive();
    }

    private static String before(int key) {
        return "x".repeat(key);
    }

    private static String after(int key) {
        return "y".repeat(2_000 + key);
    }

    /** Makes records durable, replaces them without a sync, cuts the power, and looks whether each is the old or the new one. */
    private static boolean loses(int seed) throws IOException {
        SimulatedDisk disk = new SimulatedDisk(new Random(seed));
        Environment environment = open(disk);
        for (int key = 0; key < KEYS; key++) {
            put(environment, "key" + key, before(key));
        }
        ((jetbrains.exodus.env.EnvironmentImpl) environment).flushAndSync();
        for (int key = 0; key < KEYS; key++) {
            put(environment, "key" + key, after(key));
        }
        disk.crashAfter(0);
        disk.afterPowerLoss();
        try {
            Environment again = open(disk);
            return again.computeInReadonlyTransaction(transaction -> {
                jetbrains.exodus.env.Store store = again.openStore("t", StoreConfig.WITHOUT_DUPLICATES, transaction);
                for (int key = 0; key < KEYS; key++) {
                    ByteIterable value = store.get(transaction, bytes("key" + key));
                    if (value == null || !value.equals(bytes(before(key))) && !value.equals(bytes(after(key)))) {
                        return true;
                    }
                }
                return false;
            });
        } catch (RuntimeException | StackOverflowError _) {
            return true;
        }
    }

    private static Environment open(SimulatedDisk disk) throws IOException {
        StoreSettings settings = SimulatedStore.SETTINGS;
        return Environments.newInstance(
                new BareLog(disk).config(),
                new EnvironmentConfig()
                        .setLogDurableWrite(false)
                        .setLogFileSize(1_024)
                        .setLogCachePageSize(settings.pageBytes())
                        .setMemoryUsage(settings.cacheBytes())
                        .setLogDataReaderWriterProvider(DataReaderWriterProvider.IN_MEMORY_READER_WRITER_PROVIDER)
                        .setGcEnabled(false)
                        .setManagementEnabled(false));
    }

    private static void put(Environment environment, String key, String value) {
        environment.executeInTransaction(transaction -> environment
                .openStore("t", StoreConfig.WITHOUT_DUPLICATES, transaction)
                .put(transaction, bytes(key), bytes(value)));
    }

    private static ArrayByteIterable bytes(String text) {
        return new ArrayByteIterable(text.getBytes(UTF_8));
    }
}
