// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.sdk.Checkpoint;
import io.fiso.sdk.DeadLetterStore;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The surroundings of a component under test: a config, and behind a source a pipeline whose every decision the test makes. Events settle at once
 * unless told otherwise. Thread-safe.
 */
public final class PipelineDouble implements SourceContext {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Record config;
    private final Path state;
    private final int replica;
    private final List<SourceEvent> emitted = new ArrayList<>();
    private final Map<String, Long> emittedUpTo = new HashMap<>();
    private final Map<String, Long> told = new HashMap<>();
    private final Map<String, Long> committed = new HashMap<>();
    private final Map<String, String> resumed = new HashMap<>();
    private final Map<String, String> ledgers = new HashMap<>();
    private final Map<String, Long> checkpoints = new HashMap<>();
    private final PrometheusRegistry metrics = new PrometheusRegistry();
    private final Set<String> full = new HashSet<>();
    private final List<String> released = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Map<String, Long> lags = new HashMap<>();
    private String holding = "";
    private boolean settling = true;
    private boolean stopping;
    private boolean finishing;
    private @Nullable DeadLetterStore deadLetters;
    private @Nullable Throwable failure;
    private @Nullable Thread thread;
    private @Nullable BrokerAddress broker;

    /**
     * @param config what {@link #config} returns
     * @param state the component's state directory
     * @param replica its replica index
     */
    public PipelineDouble(Record config, Path state, int replica) {
        this.config = config;
        this.state = state;
        this.replica = replica;
    }

    /** What {@link #broker} answers from now on; until this is called there is none. */
    public synchronized PipelineDouble withBroker(BrokerAddress address) {
        broker = address;
        return this;
    }

    @Override
    public synchronized BrokerAddress broker() throws IOException {
        if (broker == null) {
            throw new IOException("this run has no broker");
        }
        return broker;
    }

    /** Goes on from the positions that settled in an earlier pipeline. */
    public synchronized PipelineDouble resume(PipelineDouble earlier) {
        synchronized (earlier) {
            checkpoints.putAll(earlier.checkpoints);
        }
        return this;
    }

    /** Opens and runs the source on a thread of its own, and closes it when it returns. */
    public PipelineDouble start(EventSource source) throws Exception {
        source.open(this);
        thread = Thread.ofVirtual().start(() -> {
            try (source) {
                source.run(this);
            } catch (Throwable e) {
                synchronized (this) {
                    failure = e;
                }
            } finally {
                ended.countDown();
            }
        });
        return this;
    }

    /** From now on nothing settles. */
    public synchronized PipelineDouble holdSettlement() {
        settling = false;
        return this;
    }

    /** Everything emitted so far settles, and from now on at once. */
    public synchronized void settleEverything() {
        settling = true;
        checkpoints.putAll(emittedUpTo);
        notifyAll();
    }

    /** This partition is not taken any more. */
    public synchronized void fill(String partition) {
        full.add(partition);
    }

    /** This partition is taken again. */
    public synchronized void drain(String partition) {
        full.remove(partition);
        notifyAll();
    }

    /** Tells the source that its outside gets nothing more. */
    public synchronized PipelineDouble finish() {
        finishing = true;
        notifyAll();
        return this;
    }

    /** Stops the source as a drain does. */
    public void stop() throws InterruptedException {
        synchronized (this) {
            stopping = true;
            notifyAll();
        }
        awaitEnd();
    }

    /** Ends the source as a crash does: nothing settles, nothing is committed any more. */
    public void crash() throws InterruptedException {
        holdSettlement();
        Objects.requireNonNull(thread).interrupt();
        awaitEnd();
    }

    /** Waits until the source has returned and is closed. */
    public void awaitEnd() throws InterruptedException {
        if (!ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the source did not end within " + PATIENCE);
        }
    }

    /** Waits until so many events were emitted. */
    public synchronized void awaitEmitted(int count) throws InterruptedException {
        awaitUntil(() -> emitted.size() >= count, () -> count + " events emitted, found " + emitted.size());
    }

    /** Waits for a condition over this pipeline. */
    public synchronized void awaitUntil(BooleanSupplier condition, java.util.function.Supplier<String> expectation)
            throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + PATIENCE + " for " + expectation.get(), failure);
            }
            wait(50);
        }
    }

    /** What was emitted, in order. */
    public synchronized List<SourceEvent> emitted() {
        return List.copyOf(emitted);
    }

    /** The positions that the source said it committed. */
    public synchronized Map<String, Long> committed() {
        return Map.copyOf(committed);
    }

    /** The partitions that were released. */
    public synchronized List<String> released() {
        return List.copyOf(released);
    }

    /** What the source ended with; null if it returned. */
    public synchronized @Nullable Throwable failure() {
        return failure;
    }

    /** The store that the source set. */
    public DeadLetterStore deadLetterStore() {
        return Objects.requireNonNull(deadLetters);
    }

    @Override
    public synchronized void emit(SourceEvent event) {
        if (full.contains(event.partition())) {
            throw new AssertionError("emitted to a partition that is not ready");
        }
        emitted.add(event);
        long next = event.position() + 1;
        Long before = emittedUpTo.put(event.partition(), next);
        if (before != null && before >= next) {
            throw new AssertionError("positions of " + event.partition() + " do not grow: " + event.position());
        }
        if (settling) {
            checkpoints.put(event.partition(), next);
        }
        notifyAll();
    }

    @Override
    public synchronized boolean ready(String partition) {
        return !full.contains(partition);
    }

    @Override
    public synchronized void await(Duration timeout) throws InterruptedException {
        wait(Math.max(1, timeout.toMillis()));
    }

    @Override
    public synchronized void resumed(String partition, String ledger) {
        if (emittedUpTo.containsKey(partition) || resumed.put(partition, ledger) != null) {
            throw new AssertionError("partition '" + partition + "' is taken up already");
        }
    }

    /** The ledgers that the source gave when it took up its partitions. */
    public synchronized Map<String, String> resumed() {
        return Map.copyOf(resumed);
    }

    /** The ledgers that the source said it committed, each with its position. */
    public synchronized Map<String, String> ledgers() {
        return Map.copyOf(ledgers);
    }

    @Override
    public synchronized Map<String, SettledPosition> settled() {
        Map<String, SettledPosition> moved = new HashMap<>();
        if (settling) {
            emittedUpTo.forEach((partition, position) -> {
                if (!position.equals(told.put(partition, position))) {
                    moved.put(partition, new SettledPosition(position, "everything before " + position));
                }
            });
        }
        return moved;
    }

    @Override
    public synchronized void committed(Map<String, SettledPosition> positions) {
        positions.forEach((partition, position) -> {
            committed.put(partition, position.next());
            ledgers.put(partition, position.ledger());
        });
        notifyAll();
    }

    @Override
    public synchronized void release(String partition) {
        released.add(partition);
        emittedUpTo.remove(partition);
        resumed.remove(partition);
        told.remove(partition);
        notifyAll();
    }

    @Override
    public Checkpoint checkpoint() {
        return (partition, otherwise) -> {
            synchronized (this) {
                return checkpoints.getOrDefault(partition, otherwise);
            }
        };
    }

    @Override
    public void deadLetters(DeadLetterStore store) {
        deadLetters = store;
    }

    @Override
    public synchronized void lag(String partition, long records) {
        lags.put(partition, records);
        notifyAll();
    }

    /** The newest lag of each partition. */
    public synchronized Map<String, Long> lags() {
        return Map.copyOf(lags);
    }

    @Override
    public synchronized void holding(String reason) {
        holding = reason;
        notifyAll();
    }

    /** What the source says it waits for; empty if nothing. */
    public synchronized String holding() {
        return holding;
    }

    @Override
    public synchronized boolean finishing() {
        return finishing;
    }

    @Override
    public synchronized boolean stopping() {
        return stopping;
    }

    @Override
    public String component() {
        return "orders";
    }

    @Override
    public String pipeline() {
        return "shop";
    }

    @Override
    public String run() {
        return "run-1";
    }

    @Override
    public int replica() {
        return replica;
    }

    @Override
    public <C extends Record> C config(Class<C> type) {
        return type.cast(config);
    }

    @Override
    public Path stateDirectory() {
        return state;
    }

    @Override
    public String deadLetterTopic() {
        return "fiso-dlq-shop";
    }

    @Override
    public Clock clock() {
        return Clock.systemUTC();
    }

    @Override
    public System.Logger logger() {
        return System.getLogger("test");
    }

    @Override
    public PrometheusRegistry metrics() {
        return metrics;
    }
}
