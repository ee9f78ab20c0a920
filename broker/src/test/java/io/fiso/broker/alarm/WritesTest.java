// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.alarm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.BrokerException;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.Store;
import io.fiso.broker.store.StoreSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class WritesTest {
    @TempDir
    Path directory;

    private final CountDownLatch held = new CountDownLatch(1);
    private final AtomicBoolean followed = new AtomicBoolean();
    private final VirtualTime time = new VirtualTime();

    @Test
    void whatFollowsIsDoneThoughTheCallerWasNotToldWhatBecameOfItsWrite() {
        StoreSettings impatient =
                StoreSettings.DEFAULT.withWaiting(16, 16, Duration.ofMillis(500), Duration.ofMillis(1));
        try (Store store = Store.open(directory, impatient)) {
            Writes writes = new Writes(store, time, time);
            String code = refusal(writes);
            while (code.equals("broker.busy")) {
                // It had not begun in that time.
                code = refusal(writes);
            }
            assertThat(code).isEqualTo("broker.write_unknown");
            assertThat(followed).isFalse();

            held.countDown();
            time.advanceMillis(0);

            assertThat(followed).isTrue();
        }
    }

    private String refusal(Writes writes) {
        try {
            return writes.write(Durability.OS, change -> {
                try {
                    held.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                change.put("t", "k".getBytes(UTF_8), "v".getBytes(UTF_8));
                return new Writes.Written<>("written", () -> followed.set(true));
            });
        } catch (BrokerException e) {
            return e.code();
        }
    }
}
