// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ClockAlarmsTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_000);

    private final InstantSource clock = InstantSource.fixed(NOW);

    @Test
    void ringsNotBeforeItsTimeAndAtOnceIfThatIsPast() throws Exception {
        try (ClockAlarms alarms = new ClockAlarms(clock)) {
            CountDownLatch rung = new CountDownLatch(2);
            AtomicLong waitedNanos = new AtomicLong();
            long before = System.nanoTime();
            alarms.at(NOW.plusMillis(30), () -> {
                waitedNanos.set(System.nanoTime() - before);
                rung.countDown();
            });
            alarms.at(Instant.EPOCH, rung::countDown);

            assertThat(rung.await(120, TimeUnit.SECONDS)).isTrue();
            assertThat(waitedNanos).hasValueGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(30));
        }
    }

    @Test
    void oneThatWasCancelledDoesNotRingNorOneAfterTheEnd() {
        ClockAlarms alarms = new ClockAlarms(clock);
        Alarms.Alarm cancelled = alarms.at(NOW.plus(Duration.ofHours(1)), () -> {});
        assertThat(alarms.pending()).isEqualTo(1);
        cancelled.cancel();
        assertThat(alarms.pending()).isZero();

        alarms.at(NOW.plus(Duration.ofHours(1)), () -> {});
        assertThat(alarms.pending()).isEqualTo(1);
        alarms.close();
        assertThat(alarms.pending()).isZero();
        alarms.at(NOW.plus(Duration.ofHours(1)), () -> {}).cancel();
        assertThat(alarms.pending()).isZero();
    }
}
