// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import static io.fiso.broker.queue.QueueFixture.LEASE;
import static io.fiso.broker.queue.QueueFixture.MAILS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.broker.BrokerException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class LongPollTest {
    private static final Duration WAIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private QueueFixture it;

    @BeforeEach
    void open() {
        it = new QueueFixture(directory);
        it.create(MAILS, 3);
    }

    @AfterEach
    void close() {
        it.close();
        callers.close();
    }

    @Test
    void whoWaitsGetsTheNextJobAtOnce() throws Exception {
        Future<List<Delivery>> waiting = poll(Patience.UNLIMITED);
        awaitWaiting(1);

        it.add("a");

        assertThat(texts(waiting)).containsExactly("a");
        assertThat(it.time.alarms()).as("alarms that are left").isZero();
    }

    @Test
    void nothingIsRememberedOfAQueueThatIsGone() throws Exception {
        it.add("a");
        it.reserve();
        Future<List<Delivery>> waiting = poll(Patience.UNLIMITED);
        awaitWaiting(1);
        assertThat(it.queues.remembered()).isOne();

        it.catalogue.delete(MAILS, it.queues::removeIn);
        it.time.advanceMillis(1);

        assertThatThrownBy(waiting::get).hasMessageContaining("there is no");
        assertThat(it.queues.remembered()).isZero();
        assertThat(it.time.alarms()).as("alarms that are left").isZero();
    }

    @Test
    void aQueueAtWhichNobodyWaitsIsNotRemembered() {
        it.add("a");
        it.add("later", 0, new NewJob.When.In(Duration.ofSeconds(9)));
        it.nack(it.reserve());

        assertThat(it.queues.remembered()).isZero();
    }

    @Test
    void whoWaitsInVainIsAnsweredWithNone() throws Exception {
        Future<List<Delivery>> waiting = poll(Patience.UNLIMITED);
        awaitWaiting(1);
        it.time.advance(WAIT.minusMillis(1));
        assertThat(waiting.isDone()).isFalse();

        it.time.advanceMillis(1);

        assertThat(texts(waiting)).isEmpty();
    }

    @Test
    void wakesWhenTheEarliestDelayEnds() throws Exception {
        it.add("later", 0, new NewJob.When.In(Duration.ofSeconds(9)));
        Future<List<Delivery>> waiting = poll(Patience.UNLIMITED);
        awaitWaiting(1);
        it.add("sooner", 0, new NewJob.When.In(Duration.ofSeconds(2)));
        it.time.advanceMillis(1_999);
        assertThat(waiting.isDone()).isFalse();

        it.time.advanceMillis(1);

        assertThat(texts(waiting)).containsExactly("sooner");
    }

    @Test
    void wakesWhenALeaseEnds() throws Exception {
        it.add("a");
        it.reserve();
        it.time.advance(LEASE.minusSeconds(1));
        Future<List<Delivery>> waiting = poll(Patience.UNLIMITED);
        awaitWaiting(1);

        it.time.advance(Duration.ofSeconds(1));

        assertThat(texts(waiting)).containsExactly("a");
    }

    @Test
    void wakesForAJobThatIsGivenBack() throws Exception {
        it.add("a");
        Delivery first = it.reserve();
        Future<List<Delivery>> waiting = poll(Patience.UNLIMITED);
        awaitWaiting(1);

        it.nack(first);

        assertThat(texts(waiting)).containsExactly("a");
    }

    @Test
    void manyWhoWaitGetOneEach() throws Exception {
        List<Future<List<Delivery>>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting.add(poll(Patience.UNLIMITED));
        }
        awaitWaiting(20);
        List<NewJob> jobs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            jobs.add(QueueFixture.job("j" + i, 0, NewJob.When.NOW));
        }

        it.queues.enqueue(MAILS, jobs);

        List<String> got = new ArrayList<>();
        for (Future<List<Delivery>> call : waiting) {
            got.addAll(texts(call));
        }
        assertThat(got).hasSize(20).doesNotHaveDuplicates();
    }

    @Test
    void whoGoesAwayTakesNoJobAlong() throws Exception {
        Impatience first = new Impatience();
        Future<List<Delivery>> gone = poll(first);
        awaitWaiting(1);
        Future<List<Delivery>> stays = poll(Patience.UNLIMITED);
        awaitWaiting(2);

        first.end();
        assertThatThrownBy(() -> gone.get(120, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(BrokerException.class);
        it.add("a");

        assertThat(texts(stays)).containsExactly("a");
        assertThat(it.queues.browser().get(MAILS, 1).job().attempts()).isEqualTo(1);
    }

    @Test
    void aWakeOfSomeoneWhoGoesAwayIsPassedOn() {
        Bell bell = new Bell(it.store.read(view -> it.catalogue.require(view, MAILS)), it.time, _ -> {});
        Waiter first = new Waiter();
        Waiter second = new Waiter();
        bell.enter(first);
        bell.enter(second);
        bell.wake(1);
        assertThat(second.takeWake()).isFalse();

        first.cancel();
        assertThat(first.await()).isEqualTo(Waiter.Outcome.CANCELLED);
        bell.leave(first);

        assertThat(second.await()).isEqualTo(Waiter.Outcome.WOKEN);
    }

    @Test
    void noWakeIsLostAmongManyWhoComeAndGo() throws Exception {
        int jobs = 300;
        AtomicInteger acked = new AtomicInteger();
        List<Future<?>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            calls.add(callers.submit(() -> {
                while (acked.get() < jobs) {
                    reserveAndAck(Patience.UNLIMITED, acked);
                }
            }));
        }
        for (int i = 0; i < jobs; i++) {
            Impatience patience = new Impatience();
            String name = "j" + i;
            calls.add(callers.submit(() -> {
                try {
                    reserveAndAck(patience, acked);
                } catch (BrokerException e) {
                    assertThat(e.code()).isEqualTo("broker.cancelled");
                }
            }));
            calls.add(callers.submit(() -> it.add(name)));
            calls.add(callers.submit(patience::end));
        }

        // Virtual time stands still: a job that woke nobody would lie there for ever.
        await(() -> acked.get() == jobs);

        while (!calls.stream().allMatch(Future::isDone)) {
            it.time.advance(WAIT);
            Thread.sleep(1);
        }
        for (Future<?> call : calls) {
            call.get();
        }
    }

    private void reserveAndAck(Patience patience, AtomicInteger acked) {
        for (Delivery delivery : it.queues.reserve(MAILS, 1, Optional.empty(), WAIT, patience)) {
            it.queues.ack(MAILS, delivery.lease());
            acked.incrementAndGet();
        }
    }

    @Test
    void whoWaitsForAQueueThatIsRemovedIsTold() throws Exception {
        Future<List<Delivery>> waiting = poll(Patience.UNLIMITED);
        awaitWaiting(1);

        it.catalogue.delete(MAILS, it.queues::removeIn);
        it.time.advanceMillis(0);

        assertThatThrownBy(() -> waiting.get(120, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.code()).isEqualTo("broker.resource_not_found"));
    }

    @Test
    void whoWaitsForAQueueWhoseRemovalFailsGetsTheNextJob() throws Exception {
        Future<List<Delivery>> waiting = poll(Patience.UNLIMITED);
        awaitWaiting(1);
        assertThatThrownBy(() -> it.catalogue.delete(MAILS, (change, queue) -> {
                    it.queues.removeIn(change, queue);
                    throw new IllegalStateException("on purpose");
                }))
                .hasMessage("on purpose");
        it.time.advanceMillis(0);
        assertThat(it.queues.waiting()).isEqualTo(1);

        it.add("a");

        assertThat(texts(waiting)).containsExactly("a");
    }

    @Test
    void whoWaitsIsToldThatTheBrokerStops() throws Exception {
        Future<List<Delivery>> waiting = poll(Patience.UNLIMITED);
        awaitWaiting(1);

        it.queues.close();

        assertThatThrownBy(() -> waiting.get(120, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.code()).isEqualTo("broker.closed"));
    }

    private Future<List<Delivery>> poll(Patience patience) {
        return callers.submit(() -> it.queues.reserve(MAILS, 1, Optional.empty(), WAIT, patience));
    }

    private static List<String> texts(Future<List<Delivery>> call) throws Exception {
        return call.get(120, TimeUnit.SECONDS).stream().map(QueueFixture::text).toList();
    }

    /** And that they have set their alarms: who is entered looks, and then waits. */
    private void awaitWaiting(int callers) throws InterruptedException {
        await(() -> it.queues.waiting() == callers && it.time.alarms() >= callers);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    /** Of a caller that goes away when it is told to. */
    private static final class Impatience implements Patience {
        private final List<Runnable> told = new ArrayList<>();
        private boolean over;

        @Override
        public synchronized boolean isOver() {
            return over;
        }

        @Override
        public synchronized void whenOver(Runnable run) {
            told.add(run);
            if (over) {
                run.run();
            }
        }

        synchronized void end() {
            over = true;
            told.forEach(Runnable::run);
        }
    }
}
