// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ErrorRateBreakerTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final ErrorRateBreaker breaker = new ErrorRateBreaker(ErrorRate.DEFAULT);
    private long now = -17 * SECOND;

    @Test
    void staysClosedBelowTheLeastNumberOfEvents() {
        breaker.count(now, 49, 49);

        assertThat(breaker.reason()).isEmpty();
    }

    @Test
    void opensAtTheLimitAndSaysWhatFailed() {
        breaker.count(now, 25, 0);
        breaker.count(now + SECOND, 25, 25);

        assertThat(breaker.reason())
                .contains("25 of the last 50 events failed")
                .contains("the limit is 50 % within 30 s")
                .endsWith("then resume");
    }

    @Test
    void staysClosedBelowTheRate() {
        for (int second = 0; second < 300; second++) {
            breaker.count(now += SECOND, 100, 49);
        }

        assertThat(breaker.reason()).isEmpty();
    }

    @Test
    void opensWhenTheRateRisesAfterALongTimeOfSuccess() {
        for (int second = 0; second < 3_600; second++) {
            breaker.count(now += SECOND, 1_000, 0);
        }
        int poisoned = 0;
        while (breaker.reason().isEmpty()) {
            breaker.count(now += SECOND, 1_000, 1_000);
            poisoned++;
        }

        assertThat(poisoned).as("half a window").isEqualTo(15);
    }

    @Test
    void forgetsWhatIsOlderThanItsWindow() {
        breaker.count(now, 49, 49);
        breaker.count(now + 30 * SECOND, 10, 10);

        assertThat(breaker.reason()).isEmpty();

        breaker.count(now + 31 * SECOND, 40, 40);
        assertThat(breaker.reason()).contains("50 of the last 50");
    }

    @Test
    void forgetsAfterALongSilence() {
        breaker.count(now, 49, 49);
        breaker.count(now + 3_600 * SECOND, 49, 49);

        assertThat(breaker.reason()).isEmpty();
    }

    @Test
    void staysOpenUntilItIsClosedAndStartsAnewThen() {
        breaker.count(now, 50, 50);
        breaker.count(now + 3_600 * SECOND, 1_000_000, 0);
        assertThat(breaker.reason()).isNotEmpty();

        breaker.close();

        assertThat(breaker.reason()).isEmpty();
        breaker.count(now + 3_600 * SECOND, 49, 49);
        assertThat(breaker.reason()).as("what failed before does not count").isEmpty();
    }

    @Test
    void refusesALimitThatMakesNoSense() {
        for (double rate : new double[] {0, -0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> new ErrorRate(rate, 50, Duration.ofSeconds(30)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new ErrorRate(0.5, 0, Duration.ofSeconds(30)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ErrorRate(0.5, 50, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }
}
