// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The store loses nothing that it answered for, and invents nothing: whatever the disk does, and wherever it stops. {@code -Dfiso.schedules} says how many
 * schedules, {@code -Dfiso.seed} with which seed they begin.
 */
@Timeout(600)
class CrashCertificateTest {
    private static final int SCHEDULES = Integer.getInteger("fiso.schedules", 10_000);
    private static final long SEED = Long.getLong("fiso.seed", 1);

    private final Logger logs = Logger.getLogger("io.fiso.broker.store");

    @BeforeEach
    void doesNotLogWhatItProvokes() {
        logs.setLevel(Level.OFF);
    }

    @AfterEach
    void logsAgain() {
        logs.setLevel(null);
    }

    @Test
    void everyAcknowledgedWriteIsThereAfterEveryCrash() {
        Schedules schedules = Schedules.of(ModelWorkload::new);
        long begin = System.nanoTime();
        IntStream.range(0, SCHEDULES).parallel().forEach(i -> schedules.run(SEED + i));
        System.out.printf(
                "%d schedules from seed %d in %d ms: %s%n",
                SCHEDULES, SEED, (System.nanoTime() - begin) / 1_000_000, schedules.seen());
        if (SCHEDULES >= 1_000) {
            schedules.seen().assertAllHappened();
        }
    }

    @Test
    void aLogThatAnswersBeforeTheDiskHasItIsCaught() {
        assertCaught(new Schedules(
                ModelWorkload::new,
                (disk, settings) -> new FrameLog(disk, settings) {
                    @Override
                    void force() {
                        // Not now.
                    }
                },
                false,
                new Seen()));
    }

    @Test
    void aLogThatTakesAnErrorOfTheDiskForSuccessIsCaught() {
        assertCaught(new Schedules(
                ModelWorkload::new,
                (disk, settings) -> new FrameLog(disk, settings) {
                    @Override
                    void force() {
                        try {
                            super.force();
                        } catch (IOException _) {
                            // It will have worked.
                        }
                    }
                },
                false,
                new Seen()));
    }

    @Test
    void aStoreThatDoesNotSyncWhatDropsATableIsCaught() {
        assertCaught(new Schedules(ModelWorkload::new, FrameLog::new, true, new Seen()));
    }

    @Test
    void aLogThatTrustsTheMemoryOfTheOperatingSystemAfterAFailedSyncIsCaught() {
        assertCaught(new Schedules(
                ModelWorkload::new,
                (disk, settings) -> new FrameLog(disk, settings) {
                    @Override
                    void trust(LogFile last, long from) {
                        // What can be read is on the disk, is it not?
                    }
                },
                false,
                new Seen()));
    }

    private static void assertCaught(Schedules mutant) {
        assertThatThrownBy(() -> {
                    for (long seed = 1; seed <= 20_000; seed++) {
                        mutant.run(seed);
                    }
                })
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("-Dfiso.seed=");
    }
}
