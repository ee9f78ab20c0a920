// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a caller is told when something fails, and that he is told. */
@Timeout(300)
class StoreFaultsTest {
    @TempDir
    Path directory;

    private final Logger logs = Logger.getLogger("io.fiso.broker.store");
    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));

    @BeforeEach
    void doesNotLogWhatItProvokes() {
        logs.setLevel(Level.OFF);
    }

    @AfterEach
    void logsAgain() {
        logs.setLevel(null);
    }

    @Test
    void afterAFailedSyncNothingIsWrittenUntilTheStoreIsOpenedAgain() {
        try (Store store = open(SimulatedStore.SETTINGS)) {
            put(store, Durability.FSYNC, "a");
            disk.failAfter(1, false); // The write passes, the sync does not.
            BrokerException first = refusal(() -> put(store, Durability.FSYNC, "b"));
            assertThat(first.code()).isEqualTo("broker.store_read_only");
            assertThat(first.kind()).isEqualTo(Kind.UNAVAILABLE);
            BrokerException later = refusal(() -> put(store, Durability.OS, "c"));
            assertThat(later.code()).isEqualTo("broker.store_read_only");
            assertThat(later).hasMessageContaining("Input/output error").hasCause(first.getCause());
            assertThat(has(store, "a")).isTrue();
            assertThat(has(store, "b")).isFalse();
        }
        try (Store store = open(SimulatedStore.SETTINGS)) {
            assertThat(has(store, "a")).isTrue();
            assertThat(has(store, "b")).isFalse();
            put(store, Durability.FSYNC, "d");
        }
    }

    @Test
    void aFullDiskRefusesAndIsForgottenWhenThereIsRoomAgain() {
        try (Store store = open(SimulatedStore.SETTINGS)) {
            put(store, Durability.FSYNC, "a");
            disk.room(10);
            BrokerException full = refusal(() -> put(store, Durability.FSYNC, "b"));
            assertThat(full.code()).isEqualTo("broker.disk_full");
            assertThat(full.kind()).isEqualTo(Kind.EXHAUSTED);
            assertThat(has(store, "b")).isFalse();
            disk.room(Long.MAX_VALUE);
            put(store, Durability.FSYNC, "c");
        }
        try (Store store = open(SimulatedStore.SETTINGS)) {
            assertThat(has(store, "a")).isTrue();
            assertThat(has(store, "b")).isFalse();
            assertThat(has(store, "c")).isTrue();
        }
    }

    @Test
    void aStoreAtItsBoundTakesOnlyWhatMakesRoom() {
        try (Store store = open(SimulatedStore.SETTINGS.withDiskBounds(1_000, 0))) {
            while (store.sizeBytes() < 1_000) {
                put(store, Durability.OS, "a" + store.sizeBytes());
            }
            assertThat(refusal(() -> put(store, Durability.OS, "b")).code()).isEqualTo("broker.disk_full");
            store.write(Durability.OS, change -> change.delete("t", bytes("a0")));
            store.free(Durability.OS, change -> {
                change.drop("t");
                change.put("u", bytes("begin"), bytes("1"));
                return "";
            });
            assertThat(store.<Object>read(view -> view.first("t"))).isNull();
        }
    }

    @Test
    void theReserveOfTheDiskIsNotUsed() {
        try (Store store = open(SimulatedStore.SETTINGS.withDiskBounds(Long.MAX_VALUE, 5_000))) {
            disk.room(6_000);
            put(store, Durability.OS, "a");
            disk.room(4_999);
            assertThat(refusal(() -> put(store, Durability.OS, "b")))
                    .hasMessageContaining("4999 bytes left")
                    .hasMessageContaining("5000");
        }
    }

    @Test
    void aValueThatFitsIntoNoFileIsRefusedAndTheLargestThatDoesIsKept() {
        try (Store store = open(SimulatedStore.SETTINGS)) {
            byte[] key = bytes("k");
            int largest = (int) SimulatedStore.SETTINGS.entryBytesMax() - 1;
            BrokerException refusal = refusal(() -> put(store, key, new byte[largest + 1]));
            assertThat(refusal.code()).isEqualTo("broker.value_too_large");
            assertThat(refusal.kind()).isEqualTo(Kind.INVALID);
            put(store, key, new byte[largest]);
        }
        try (Store store = open(SimulatedStore.SETTINGS)) {
            assertThat(store.<byte[]>read(view -> view.get("t", bytes("k"))))
                    .hasSize((int) SimulatedStore.SETTINGS.entryBytesMax() - 1);
        }
    }

    @Test
    void intervalWritesAreOnTheDiskSoonWithoutAnotherWrite() throws Exception {
        try (Store store = open(SimulatedStore.SETTINGS.withSyncInterval(Duration.ofMillis(20)))) {
            put(store, Durability.OS, "a");
            long before = disk.syncs();
            put(store, Durability.INTERVAL, "b");
            await(() -> disk.syncs() > before);
        }
    }

    @Test
    void aWriteThatDoesNotGetItsTurnIsRefusedAndLeavesNothing() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        StoreSettings settings =
                SimulatedStore.SETTINGS.withWaiting(2, 2, Duration.ofSeconds(5), Duration.ofMinutes(1));
        try (Store store = open(settings);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch begun = new CountDownLatch(1);
            Future<?> slow = callers.submit(() -> store.write(Durability.OS, _ -> {
                begun.countDown();
                return uninterruptibly(go);
            }));
            begun.await();
            BrokerException busy = refusal(() -> put(store, Durability.OS, "late"));
            go.countDown();
            slow.get();
            assertThat(busy.code()).isEqualTo("broker.busy");
            assertThat(busy.kind()).isEqualTo(Kind.EXHAUSTED);
        }
        // With more patience, as these do not test it.
        try (Store store = open(SimulatedStore.SETTINGS)) {
            put(store, Durability.OS, "next");
            assertThat(has(store, "late")).isFalse();
        }
    }

    @Test
    void anInterruptedWriterHearsOfItAndTheStoreGoesOn() throws Exception {
        try (Store store = Store.open(directory)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String key = "k" + i;
                threads.add(Thread.ofPlatform().start(() -> {
                    Thread.currentThread().interrupt();
                    try {
                        put(store, Durability.FSYNC, key);
                    } catch (BrokerException _) {
                        // It may or may not have been written.
                    }
                    has(store, key);
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            put(store, Durability.FSYNC, "after");
            assertThat(has(store, "after")).isTrue();
        }
    }

    @Test
    void anErrorReachesTheWriterWhoseItIs() throws Exception {
        try (Store store = open(SimulatedStore.SETTINGS)) {
            assertThatThrownBy(() -> store.write(Durability.FSYNC, _ -> {
                        throw new StackOverflowError("mine");
                    }))
                    .isInstanceOf(StackOverflowError.class)
                    .hasMessage("mine");
            put(store, Durability.FSYNC, "a");
            assertThat(has(store, "a")).isTrue();
        }
    }

    @Test
    void whatOneAddsToASharedWriteAndCannotBeWrittenIsItsAlone() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Store store = open(SimulatedStore.SETTINGS);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch begun = new CountDownLatch(1);
            Future<?> first = callers.submit(() -> store.write(Durability.OS, _ -> {
                begun.countDown();
                return uninterruptibly(go);
            }));
            begun.await();
            Future<?> bad = callers.submit(() -> store.write(
                    Durability.OS,
                    change -> change.shared("s", () -> (Change.Shared) _ -> {
                        throw new IllegalStateException("bad");
                    })));
            Future<?> good = callers.submit(() -> put(store, Durability.OS, "good"));
            go.countDown();
            first.get();
            good.get();
            assertThatThrownBy(bad::get).hasRootCauseMessage("bad");
            assertThat(has(store, "good")).isTrue();
        }
    }

    @Test
    void aWriteThatRacesWithClosingIsDoneOrRefused() throws Exception {
        for (int round = 0; round < 50; round++) {
            SimulatedDisk mine = new SimulatedDisk(new Random(round));
            Store store = Store.open(
                    mine, new FrameLog(mine, SimulatedStore.SETTINGS), SimulatedStore.SETTINGS, Committer::new);
            AtomicBoolean closed = new AtomicBoolean();
            List<String> done = java.util.Collections.synchronizedList(new ArrayList<>());
            try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> writers = new ArrayList<>();
                CountDownLatch running = new CountDownLatch(4);
                for (int writer = 0; writer < 4; writer++) {
                    int id = writer;
                    writers.add(callers.submit(() -> {
                        running.countDown();
                        for (int i = 0; ; i++) {
                            try {
                                put(store, Durability.OS, id + "-" + i);
                                done.add(id + "-" + i);
                            } catch (BrokerException e) {
                                assertThat(e.code()).isEqualTo("broker.closed");
                                assertThat(closed).isTrue();
                                return;
                            }
                        }
                    }));
                }
                running.await();
                closed.set(true);
                store.close();
                for (Future<?> writer : writers) {
                    writer.get(120, TimeUnit.SECONDS);
                }
            }
            try (Store again = Store.open(
                    mine, new FrameLog(mine, SimulatedStore.SETTINGS), SimulatedStore.SETTINGS, Committer::new)) {
                assertThat(again.recovery().closed()).isTrue();
                assertThat(done).allMatch(key -> has(again, key));
            }
        }
    }

    @Test
    void whenTheCommitterDiesThoseWhoWaitHearOfIt() {
        Store store = open(SimulatedStore.SETTINGS);
        disk.crashAfter(0); // Its first call throws an Error that nobody expects.
        for (int i = 0; i < 3; i++) {
            String key = "k" + i;
            BrokerException refusal = refusal(() -> put(store, Durability.FSYNC, key));
            assertThat(refusal.kind()).isEqualTo(Kind.UNAVAILABLE);
        }
    }

    @Test
    void aSecondStoreInTheSameDirectoryIsToldThatItIsInUse() {
        try (Store _ = Store.open(directory)) {
            assertThatThrownBy(() -> Store.open(directory).close())
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("cannot be opened: it is open already in this process");
        }
        Store.open(directory).close();
    }

    @Test
    void settingsThatMakeNoSenseAreRefusedByName() {
        assertThatThrownBy(() -> StoreSettings.DEFAULT.withWaiting(0, 1, Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .hasMessage("waitingMax is 0; it must be at least 1");
    }

    private Store open(StoreSettings settings) {
        return Store.open(disk, new FrameLog(disk, settings), settings, Committer::new);
    }

    private static BrokerException refusal(Runnable call) {
        return catchThrowableOfType(BrokerException.class, call::run);
    }

    private static String uninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return "";
    }

    private static void await(Supplier<Boolean> condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.get()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    private static void put(Store store, Durability durability, String key) {
        store.write(durability, change -> {
            change.put("t", bytes(key), bytes("v"));
            return "";
        });
    }

    private static void put(Store store, byte[] key, byte[] value) {
        store.write(Durability.FSYNC, change -> {
            change.put("t", key, value);
            return "";
        });
    }

    private static boolean has(Store store, String key) {
        return store.read(view -> view.get("t", bytes(key)) != null);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
