// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import com.google.protobuf.ByteString;
import io.fiso.broker.BrokerException;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.PatientStore;
import io.fiso.broker.store.Store;
import io.fiso.broker.store.StoreSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A store with streams, a clock that stands until it is moved, and short words for what tests do. */
public final class StreamFixture implements AutoCloseable {
    public static final ResourceName ORDERS = ResourceName.parse("default/shop/streams/orders");

    private final Path directory;
    private final AtomicLong millis = new AtomicLong(1_000_000);
    private Store store;
    private Catalogue catalogue;
    private Streams streams;

    public StreamFixture(Path directory) {
        this.directory = directory;
        open();
    }

    private void open() {
        open(PatientStore.SETTINGS);
    }

    /** Whatever would add to the store is refused from now on. */
    void fill() {
        close();
        open(PatientStore.SETTINGS.withDiskBounds(1, 0));
        Refusals.assertRefused(BrokerException.Kind.EXHAUSTED, "broker.disk_full", () -> append(0, "one too many"));
    }

    private void open(StoreSettings settings) {
        InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
        store = Store.open(directory, settings);
        catalogue = new Catalogue(store, clock);
        streams = new Streams(store, catalogue, clock);
    }

    public Store store() {
        return store;
    }

    public Catalogue catalogue() {
        return catalogue;
    }

    public Streams streams() {
        return streams;
    }

    long now() {
        return millis.get();
    }

    void pass(Duration time) {
        millis.addAndGet(time.toMillis());
    }

    void reopen() {
        close();
        open();
    }

    public StreamFixture create(int partitions) {
        return create(partitions, Settings.Retention.FOREVER);
    }

    StreamFixture create(int partitions, Settings.Retention retention) {
        return create(partitions, retention, Durability.FSYNC);
    }

    StreamFixture create(int partitions, Settings.Retention retention, Durability durability) {
        catalogue.create(ORDERS, durability, new Settings.Stream(partitions, retention));
        return this;
    }

    void delete() {
        catalogue.delete(ORDERS, streams::removeIn);
    }

    Resource orders() {
        return streams.require(ORDERS);
    }

    /** The offset of the first. */
    public long append(int partition, String... payloads) {
        return streams.append(
                        ORDERS,
                        OptionalInt.of(partition),
                        Arrays.stream(payloads).map(StreamFixture::record).toList())
                .getFirst()
                .firstOffset();
    }

    static NewRecord record(String payload) {
        return NewRecord.of(ByteString.copyFromUtf8(payload));
    }

    static NewRecord at(long timestamp, String payload) {
        return new NewRecord(Optional.empty(), List.of(), OptionalLong.of(timestamp), ByteString.copyFromUtf8(payload));
    }

    Slice read(int partition, Start start) {
        return streams.read(ORDERS, partition, start, Streams.READ_RECORDS_MAX, Streams.READ_BYTES_MAX, false);
    }

    List<String> payloads(int partition, Start start) {
        return payloads(read(partition, start));
    }

    static List<String> payloads(Slice slice) {
        return slice.records().stream()
                .map(record -> record.payload().toStringUtf8())
                .toList();
    }

    PartitionDescription partition(int partition) {
        return streams.describe(ORDERS).partitions().get(partition);
    }

    /** Keeps the committer at work, so that whatever is written meanwhile waits and is committed together, until what is returned is counted down. */
    CountDownLatch holdCommitter() throws InterruptedException {
        CountDownLatch holding = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        Thread.ofVirtual()
                .start(() -> store.write(Durability.OS, _ -> {
                    holding.countDown();
                    try {
                        held.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return "";
                }));
        holding.await();
        return held;
    }

    private static final Set<Thread.State> WAITING = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

    /** Returns when a thread has handed in a write and waits for its commit. */
    static void awaitHandedIn(Thread thread) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!WAITING.contains(thread.getState())
                || Arrays.stream(thread.getStackTrace())
                        .noneMatch(frame -> frame.getClassName().startsWith("io.fiso.broker.store."))) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("no write was handed in; the thread is " + thread.getState());
            }
            Thread.sleep(1);
        }
    }

    @Override
    public void close() {
        streams.close();
        store.close();
    }
}
