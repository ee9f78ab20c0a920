// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.stream.IntStream;
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

    @Test
    void everyAcknowledgedWriteIsThereAfterEveryCrash() {
        Schedules schedules = Schedules.of(ModelWorkload::new);
        IntStream.range(0, SCHEDULES).parallel().forEach(i -> schedules.run(SEED + i));
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
                false));
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
                false));
    }

    @Test
    void aStoreThatDoesNotSyncWhatDropsATableIsCaught() {
        assertCaught(new Schedules(ModelWorkload::new, FrameLog::new, true));
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
                false));
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
