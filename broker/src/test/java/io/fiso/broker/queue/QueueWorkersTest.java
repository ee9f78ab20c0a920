// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import static io.fiso.broker.queue.QueueFixture.MAILS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class QueueWorkersTest {
    private static final int JOBS = 2_000;
    private static final int WORKERS = 64;

    @TempDir
    Path directory;

    @Test
    void eachJobIsAckedOnceAndNoneIsWithTwoWorkers() throws Exception {
        try (QueueFixture it = new QueueFixture(directory);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            it.create(MAILS, 100);
            Set<Long> held = ConcurrentHashMap.newKeySet();
            Set<Long> acked = ConcurrentHashMap.newKeySet();
            AtomicInteger left = new AtomicInteger(JOBS);
            List<Future<?>> calls = new ArrayList<>();
            for (int w = 0; w < WORKERS; w++) {
                int worker = w;
                calls.add(threads.submit(() -> {
                    int deliveries = 0;
                    while (left.get() > 0) {
                        // Virtual time stands still: who waits is woken, or told at the end.
                        List<Delivery> found = it.queues.reserve(
                                MAILS, 1 + worker % 3, Optional.empty(), Duration.ofSeconds(1), Patience.UNLIMITED);
                        for (Delivery delivery : found) {
                            long id = delivery.job().id();
                            assertThat(held.add(id))
                                    .as("job %s is with nobody else", id)
                                    .isTrue();
                            Thread.yield();
                            assertThat(held.remove(id)).isTrue();
                            if (++deliveries % 5 == 0) {
                                it.queues.nack(MAILS, delivery.lease(), Duration.ZERO, "try again");
                            } else {
                                assertThat(it.queues.ack(MAILS, delivery.lease()))
                                        .isFalse();
                                assertThat(acked.add(id))
                                        .as("job %s was not acked before", id)
                                        .isTrue();
                                left.decrementAndGet();
                            }
                        }
                    }
                }));
            }
            for (int i = 0; i < JOBS; i += 20) {
                int from = i;
                calls.add(threads.submit(() -> {
                    for (int job = from; job < from + 20; job++) {
                        it.add("j" + job, job % 10, NewJob.When.NOW);
                    }
                }));
            }
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(100);
            while (left.get() > 0) {
                assertThat(System.nanoTime())
                        .as("deadline, with %s jobs left", left)
                        .isLessThan(deadline);
                assertThat(calls).noneMatch(call -> call.isDone() && call.state() == Future.State.FAILED);
                Thread.sleep(5);
            }
            // Ends the waits of those who wait for more; some may begin one only now.
            while (!calls.stream().allMatch(Future::isDone)) {
                it.time.advance(Duration.ofSeconds(1));
                Thread.sleep(1);
            }
            for (Future<?> call : calls) {
                call.get();
            }
            assertThat(acked).hasSize(JOBS);
            assertThat(it.queues.browser().count(MAILS).oldest()).isEmpty();
        }
    }
}
