// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.ProcessIdentity;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class HomeLockTest {
    @TempDir
    Path home;

    @Test
    void waitsForWhoOnlyReads() throws Exception {
        HomeLock reader = HomeLock.take(home);
        Callable<HomeLock> take = () -> HomeLock.take(home);
        FutureTask<HomeLock> starting = new FutureTask<>(take);
        Thread thread = Thread.ofPlatform().start(starting);
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertThat(starting).isNotDone();

        reader.close();

        starting.get().close();
    }

    @Test
    void doesNotWaitForAControlPlaneThatLives() throws Exception {
        ProcessIdentity self = ProcessIdentity.ofThis();
        new ControlFile(self.pid(), self.started(), 1, 2, "token", "orders", "run-1", false, Optional.empty())
                .write(home);

        try (HomeLock _ = HomeLock.take(home)) {
            assertThatThrownBy(() -> HomeLock.take(home))
                    .isInstanceOf(ControlPlaneException.class)
                    .hasMessageContaining("127.0.0.1:1")
                    .hasMessageContaining("orders");
        }
    }
}
