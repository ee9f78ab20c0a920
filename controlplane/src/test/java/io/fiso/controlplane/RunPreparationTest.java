// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.driver.DriverException;
import io.fiso.driver.Status;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.control.v1.StopRunRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a driver makes for a whole run is there before the first instance, and gone before the next run. */
@Timeout(240)
class RunPreparationTest extends LiveControlPlane {
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final CountDownLatch removal = new CountDownLatch(1);

    @Test
    void isPreparedOnceBeforeTheFirstStartAndRemovedBeforeTheNextRun() throws Exception {
        ControlPlane controlPlane = preparing("p");
        Run run = startRun(controlPlane, "p");
        await(controlPlane, run, RunState.RUN_STATE_RUNNING);
        driver.last("callback").end(Status.Ended.signal(9));
        await("it is started again", () -> driver.started.size() == 4);
        assertThat(calls).containsExactly("prepare p, 0 started");

        pipelines(controlPlane).stopRun(StopRunRequest.newBuilder().setRun("p").build());
        await(controlPlane, run, RunState.RUN_STATE_STOPPED);
        Thread next = Thread.ofVirtual().start(() -> startRun(controlPlane, "p"));
        await("the removal has begun", () -> calls.size() == 2);
        assertThat(driver.started).as("the next run waits").hasSize(4);
        removal.countDown();
        next.join();

        await("the next run is there", () -> driver.started.size() == 7);
        assertThat(calls).containsExactly("prepare p, 0 started", "remove p", "prepare p, 4 started");
    }

    @Test
    void aPreparationThatFailsForGoodFailsTheRunWithItsReason() throws Exception {
        failures.set(100);
        ControlPlane controlPlane = preparing("p");
        removal.countDown();

        Run last = watchToTheEnd(controlPlane, startRun(controlPlane, "p"));

        assertThat(last.getState()).isEqualTo(RunState.RUN_STATE_FAILED);
        assertThat(last.getFirstError().getMessage()).contains("a quota forbids it");
        assertThat(driver.started).isEmpty();
        await("what was made in part is removed", () -> calls.contains("remove p"));
    }

    private ControlPlane preparing(String pipeline) {
        RunPreparation preparation = new RunPreparation() {
            @Override
            public String driver() {
                return driver.name();
            }

            @Override
            public void prepare(WholeRun run) throws DriverException {
                if (failures.getAndDecrement() > 0) {
                    throw new DriverException("driver.forbidden", "a quota forbids it");
                }
                assertThat(run.token()).isNotEmpty();
                calls.add("prepare " + run.pipeline().name() + ", " + driver.started.size() + " started");
            }

            @Override
            public void remove(String name) {
                calls.add("remove " + name);
                try {
                    removal.await();
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
            }

            private final FakeDriver driver = RunPreparationTest.this.driver;
        };
        return opened(ControlPlane.start(config(pipeline).apply(state).withPreparations(List.of(preparation))));
    }
}
