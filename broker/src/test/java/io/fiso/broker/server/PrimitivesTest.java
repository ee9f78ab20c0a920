// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class PrimitivesTest {
    @Test
    void upkeepGoesOnAfterAnError() throws Exception {
        Logger logs = Logger.getLogger(Primitives.class.getName());
        logs.setLevel(Level.OFF);
        CountDownLatch again = new CountDownLatch(1);
        AtomicBoolean failed = new AtomicBoolean();
        try (Endings endings = new Endings()) {
            Primitives.every(
                    Duration.ofMillis(1),
                    "test",
                    () -> {
                        if (failed.compareAndSet(false, true)) {
                            throw new AssertionError("once");
                        }
                        again.countDown();
                    },
                    endings);
            assertThat(again.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            logs.setLevel(null);
        }
    }
}
