// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ClockAlarmsTest {
    private final InstantSource clock = InstantSource.system();

    @Test
    void ringsNotBeforeItsTimeAndAtOnceIfThatIsPast() throws Exception {
        try (ClockAlarms alarms = new ClockAlarms(clock)) {
            Instant when = clock.instant().plusMillis(30);
            CountDownLatch rung = new CountDownLatch(2);
            AtomicBoolean early = new AtomicBoolean();
            alarms.at(when, () -> {
                early.set(clock.instant().isBefore(when));
                rung.countDown();
            });
            alarms.at(Instant.EPOCH, rung::countDown);

            assertThat(rung.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(early).isFalse();
        }
    }

    @Test
    void oneThatWasCancelledDoesNotRingNorOneAfterTheEnd() throws Exception {
        AtomicBoolean rung = new AtomicBoolean();
        CountDownLatch later = new CountDownLatch(1);
        ClockAlarms alarms = new ClockAlarms(clock);
        alarms.at(clock.instant().plusMillis(20), () -> rung.set(true)).cancel();
        alarms.at(clock.instant().plusMillis(40), later::countDown);
        assertThat(later.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(rung).isFalse();

        alarms.close();
        alarms.at(Instant.EPOCH, () -> rung.set(true)).cancel();
        assertThat(rung).isFalse();
    }
}
