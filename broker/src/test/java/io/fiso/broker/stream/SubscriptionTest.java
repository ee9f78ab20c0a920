// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import static io.fiso.broker.stream.Refusals.assertRefused;
import static io.fiso.broker.stream.StreamFixture.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Settings.Retention;
import io.fiso.broker.store.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class SubscriptionTest {
    private static final long PATIENCE_SECONDS = 60;
    private static final long PLENTY = 1_000_000;

    @TempDir
    Path directory;

    private StreamFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StreamFixture(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    /** A subscription that runs, and what it was given. */
    private final class Running implements Subscription.Receiver {
        private final Subscription subscription;
        private final LinkedBlockingQueue<String> got = new LinkedBlockingQueue<>();
        private final CompletableFuture<String> end = new CompletableFuture<>();
        private final Thread thread;
        private volatile boolean ready = true;
        private volatile long skipped;

        Running(Subscription subscription) {
            this.subscription = subscription;
            this.thread = Thread.ofVirtual().start(() -> {
                try {
                    subscription.run(this);
                    end.complete("");
                } catch (BrokerException e) {
                    end.complete(e.code());
                } catch (RuntimeException | Error e) {
                    end.completeExceptionally(e);
                }
            });
        }

        @Override
        public boolean ready() {
            return ready;
        }

        @Override
        public void take(int partition, Slice slice) {
            skipped += slice.skipped();
            StreamFixture.payloads(slice).forEach(payload -> got.add(partition + payload));
        }

        List<String> next(int count) throws InterruptedException {
            List<String> taken = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String one = got.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                assertThat(one).as("after " + taken + ", ended " + end).isNotNull();
                taken.add(one);
            }
            return taken;
        }

        String end() throws Exception {
            return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        /** Waits until it has nothing more to do. */
        void rests() throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (subscription.woken() || thread.getState() != Thread.State.WAITING) {
                assertThat(System.nanoTime())
                        .as("the subscription does not rest; its thread is %s", thread.getState())
                        .isLessThan(deadline);
                Thread.sleep(1);
            }
        }
    }

    private Running all() {
        Subscription subscription =
                fixture.streams().subscribe(ORDERS, new TreeMap<>(), new Start.Earliest(), Optional.empty(), false);
        return new Running(subscription);
    }

    @Test
    void pushesWhatIsThereAndWhatComes() throws Exception {
        fixture.create(1);
        fixture.append(0, "a", "b");
        Running running = all();
        running.subscription.credit(PLENTY, PLENTY);

        assertThat(running.next(2)).containsExactly("0a", "0b");
        fixture.append(0, "c");
        assertThat(running.next(1)).containsExactly("0c");
        fixture.append(0, "d");
        assertThat(running.next(1)).containsExactly("0d");

        running.subscription.cancel();
        assertThat(running.end()).isEmpty();
        assertThat(fixture.append(0, "e")).isEqualTo(4);
    }

    @Test
    void sendsNoMoreRecordsThanItsCredit() throws Exception {
        fixture.create(2);
        fixture.append(0, "a", "b", "c");
        fixture.append(1, "x", "y", "z");
        Running running = all();
        running.rests();
        assertThat(running.got).isEmpty();

        running.subscription.credit(4, PLENTY);
        running.next(4);
        running.rests();
        assertThat(running.got).isEmpty();

        running.subscription.credit(6, PLENTY);
        running.next(2);
        running.subscription.cancel();
        assertThat(running.end()).isEmpty();
    }

    @Test
    void sendsNoMoreBytesThanItsCreditAndOneRecord() throws Exception {
        fixture.create(1);
        fixture.append(0, "a", "b", "c", "d");
        int size = fixture.read(0, new Start.Earliest()).records().getFirst().bytes();
        Running running = all();

        running.subscription.credit(PLENTY, 2L * size + 1);
        assertThat(running.next(3)).containsExactly("0a", "0b", "0c");
        running.rests();
        assertThat(running.got).isEmpty();

        running.subscription.credit(PLENTY, 3L * size);
        running.rests();
        assertThat(running.got).isEmpty();
        running.subscription.credit(PLENTY, 3L * size + 1);
        assertThat(running.next(1)).containsExactly("0d");
        running.subscription.cancel();
        assertThat(running.end()).isEmpty();
    }

    @Test
    void waitsForAReceiverThatIsNotReady() throws Exception {
        fixture.create(1);
        fixture.append(0, "a");
        Running running = all();
        running.ready = false;
        running.subscription.credit(PLENTY, PLENTY);
        running.rests();
        int before = running.got.size();
        fixture.append(0, "b");
        running.rests();
        assertThat(running.got).hasSize(before);

        running.ready = true;
        running.subscription.wake();
        assertThat(running.next(2)).containsExactly("0a", "0b");
        running.subscription.cancel();
        running.end();
    }

    @Test
    void showsNothingBeforeItsCommitIsOver() throws Exception {
        fixture.create(1);
        Running running = all();
        running.subscription.credit(PLENTY, PLENTY);
        running.rests();
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<?> writing =
                CompletableFuture.runAsync(() -> fixture.store().write(Durability.FSYNC, change -> {
                    fixture.streams().appendIn(change, ORDERS, OptionalInt.of(0), List.of(StreamFixture.record("a")));
                    written.countDown();
                    await(go);
                    return "";
                }));
        written.await();
        running.subscription.wake();
        running.rests();
        assertThat(running.got).isEmpty();
        assertThat(fixture.read(0, new Start.Earliest()).records()).isEmpty();

        go.countDown();
        writing.get();
        assertThat(running.next(1)).containsExactly("0a");
        running.subscription.cancel();
        running.end();
    }

    @Test
    void beginsWhereItIsTold() throws Exception {
        fixture.create(3);
        for (int partition = 0; partition < 3; partition++) {
            fixture.append(partition, "a", "b");
        }
        SortedMap<Integer, Start> starts = new TreeMap<>();
        starts.put(0, new Start.At(1));
        starts.put(2, new Start.Latest());
        Running running =
                new Running(fixture.streams().subscribe(ORDERS, starts, new Start.Earliest(), Optional.empty(), false));
        assertThat(running.subscription.positions()).containsExactly(new Position(0, 1), new Position(2, 2));
        running.subscription.credit(PLENTY, PLENTY);
        assertThat(running.next(1)).containsExactly("0b");
        fixture.append(1, "c");
        fixture.append(2, "c");
        assertThat(running.next(1)).containsExactly("2c");
        running.subscription.cancel();
        running.end();
    }

    @Test
    void endsWithTheStreamAndWithTheBroker() throws Exception {
        fixture.create(1);
        Running first = all();
        fixture.delete();
        assertThat(first.end()).isEqualTo("broker.resource_not_found");
        fixture.create(1);
        Running second = all();
        fixture.streams().close();
        assertThat(second.end()).isEqualTo("broker.closed");
    }

    @Test
    void retentionThatOvertakesItIsAnErrorOrCounted() throws Exception {
        fixture.create(
                1, new Retention(Optional.of(Duration.ofHours(8)), OptionalLong.empty(), OptionalLong.empty(), false));
        fixture.append(0, "a", "b");
        Running strict = all();
        Running lenient = new Running(
                fixture.streams().subscribe(ORDERS, new TreeMap<>(), new Start.Earliest(), Optional.empty(), true));
        fixture.pass(Duration.ofHours(2));
        fixture.append(0, "c");
        fixture.pass(Duration.ofHours(7));
        assertThat(fixture.streams().retain()).isEqualTo(1);

        strict.subscription.credit(PLENTY, PLENTY);
        lenient.subscription.credit(PLENTY, PLENTY);

        assertThat(strict.end()).isEqualTo("broker.offset_before_earliest");
        assertThat(lenient.next(1)).containsExactly("0c");
        assertThat(lenient.skipped).isEqualTo(2);
        lenient.subscription.cancel();
        lenient.end();
    }

    @Test
    void aMembersSubscriptionBeginsAtWhatIsCommittedAndEndsWithItsGeneration() throws Exception {
        fixture.create(2);
        fixture.append(0, "a", "b");
        fixture.append(1, "x");
        Groups groups = fixture.streams().groups();
        Membership a =
                groups.join(fixture.orders(), "g", Optional.of("a"), Groups.SESSION_TIMEOUT, new Start.Earliest());
        groups.commit(fixture.orders(), "g", "a", a.generation(), List.of(new Position(0, 1)));
        Running running = new Running(ofMember("a", a.generation()));
        assertThat(running.subscription.positions()).containsExactly(new Position(0, 1), new Position(1, 0));
        running.subscription.credit(PLENTY, PLENTY);
        assertThat(running.next(2)).containsExactlyInAnyOrder("0b", "1x");

        Membership b =
                groups.join(fixture.orders(), "g", Optional.of("b"), Groups.SESSION_TIMEOUT, new Start.Earliest());

        assertThat(running.end()).isEqualTo("broker.generation_stale");
        assertRefused(Kind.REFUSED, "broker.generation_stale", () -> ofMember("a", a.generation()));
        assertRefused(Kind.REFUSED, "broker.member_unknown", () -> ofMember("c", b.generation()));
        SortedMap<Integer, Start> foreign = new TreeMap<>();
        foreign.put(0, new Start.Earliest());
        assertRefused(
                Kind.REFUSED,
                "broker.partition_not_assigned",
                () -> fixture.streams()
                        .subscribe(
                                ORDERS,
                                foreign,
                                new Start.Earliest(),
                                Optional.of(new Subscription.Member("g", "b", b.generation())),
                                false));
    }

    @Test
    void aLeaseThatEndsEndsTheMembersSubscriptionAndSignsOfLifeKeepIt() throws Exception {
        fixture.create(1);
        Groups groups = fixture.streams().groups();
        Membership a =
                groups.join(fixture.orders(), "g", Optional.of("a"), Duration.ofSeconds(10), new Start.Earliest());
        Running running = new Running(ofMember("a", a.generation()));
        running.subscription.credit(PLENTY, PLENTY);
        for (int i = 0; i < 3; i++) {
            fixture.pass(Duration.ofSeconds(9));
            running.subscription.heartbeat();
            groups.expire();
        }
        fixture.append(0, "a");
        assertThat(running.next(1)).containsExactly("0a");

        fixture.pass(Duration.ofSeconds(10));
        groups.expire();

        assertThat(running.end()).isEqualTo("broker.member_unknown");
    }

    @Test
    void refusesWhatIsNotThere() {
        fixture.create(1);
        SortedMap<Integer, Start> starts = new TreeMap<>();
        starts.put(1, new Start.Earliest());
        assertRefused(
                Kind.INVALID,
                "broker.partition_invalid",
                () -> fixture.streams().subscribe(ORDERS, starts, new Start.Earliest(), Optional.empty(), false));
        SortedMap<Integer, Start> past = new TreeMap<>();
        past.put(0, new Start.At(1));
        assertRefused(
                Kind.OUT_OF_RANGE,
                "broker.offset_past_end",
                () -> fixture.streams().subscribe(ORDERS, past, new Start.Earliest(), Optional.empty(), false));
    }

    @Test
    void creditCannotFall() throws Exception {
        fixture.create(1);
        Running running = all();
        running.subscription.credit(2, 2);
        assertRefused(Kind.INVALID, "broker.credit_invalid", () -> running.subscription.credit(1, 2));
        running.subscription.cancel();
        running.end();
    }

    @Test
    void manySubscriptionsGetEverythingInOrder() throws Exception {
        fixture.create(1);
        List<Running> many = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Running running = all();
            running.subscription.credit(PLENTY, PLENTY);
            many.add(running);
        }
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            fixture.append(0, "r" + i);
            expected.add("0r" + i);
        }
        for (Running running : many) {
            assertThat(running.next(50)).isEqualTo(expected);
            running.subscription.cancel();
            assertThat(running.end()).isEmpty();
        }
        assertThat(fixture.streams().subscriptions()).isZero();
    }

    private Subscription ofMember(String id, long generation) {
        return fixture.streams()
                .subscribe(
                        ORDERS,
                        new TreeMap<>(),
                        new Start.Earliest(),
                        Optional.of(new Subscription.Member("g", id, generation)),
                        false);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
