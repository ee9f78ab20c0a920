// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The world around one core, in virtual time: an emitter upstream, user code that ends when the test says so, and a dead letter store. */
final class CoreStage implements Effects {
    private static final long MILLIS = 1_000_000;

    final List<Task> running = new ArrayList<>();
    final List<Failure> failures = new ArrayList<>();
    final List<String> injected = new ArrayList<>();
    List<FailedEvent> letters = List.of();

    @Nullable
    BatchTask batch;

    private long now = MILLIS;
    private long next = 1;
    private @Nullable UpstreamCall call;

    /** A wired core that has opened its input, if it has one. */
    DeliveryCore core(Work work, RetryPolicy retry, OnFailure onFailure, List<String> inputs, List<String> outputs) {
        DeliveryCore core = new DeliveryCore(
                new DeliverySettings(
                        "run",
                        "k",
                        0,
                        "k-1",
                        1,
                        inputs,
                        outputs,
                        new DeliverySettings.Limits(4_096, 1 << 20, 500, 10_000, 1 << 16, 65_536),
                        retry,
                        Map.of(),
                        onFailure),
                work,
                this,
                new SplittableRandom(1));
        core.wire(new Wiring(
                1,
                inputs.stream()
                        .map(edge -> new Wiring.Upstream(edge, "s", 0, "s:1", 1))
                        .toList(),
                List.of()));
        after(core, 0);
        if (!inputs.isEmpty()) {
            Objects.requireNonNull(call).accepted(new Accepted(1, 1, false, 1, 500));
            after(core, 0);
        }
        return core;
    }

    /** Events of these texts arrive; the first letter is the key. */
    void arrive(String... texts) {
        Records records = new Records();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            records.add(bytes, 0, bytes.length, bytes, 0, 1, 0);
        }
        Objects.requireNonNull(call).batch(next, records, 0);
        next += texts.length;
    }

    /** So many events of so many keys arrive. */
    void arriveMany(int events, int keys) {
        Records records = new Records();
        for (int event = 0; event < events; event++) {
            byte[] bytes = Integer.toString(event).getBytes(StandardCharsets.UTF_8);
            byte[] key = Integer.toString(event % keys).getBytes(StandardCharsets.UTF_8);
            records.add(bytes, 0, bytes.length, key, 0, key.length, 0);
        }
        Objects.requireNonNull(call).batch(next, records, 0);
        next += events;
    }

    /** Lets time pass, and the core take its turns. */
    void after(DeliveryCore core, long millis) {
        now += millis * MILLIS;
        while (core.turn()) {
            // More is at hand.
        }
    }

    Task takeRunning(String text) {
        Task found = running.stream()
                .filter(task -> text(task).equals(text))
                .findFirst()
                .orElseThrow(() -> new AssertionError("'" + text + "' does not run, only " + texts()));
        running.remove(found);
        return found;
    }

    BatchTask takeBatch() {
        BatchTask taken = Objects.requireNonNull(batch, "no batch is out");
        batch = null;
        return taken;
    }

    List<String> texts() {
        return running.stream().map(CoreStage::text).toList();
    }

    static List<String> texts(BatchTask batch) {
        List<String> texts = new ArrayList<>();
        for (int index = 0; index < batch.size(); index++) {
            texts.add(text(batch.event(index)));
        }
        return texts;
    }

    static String text(Task task) {
        return new String(task.buffer(), task.offset(), task.length(), StandardCharsets.UTF_8);
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public UpstreamLink dial(Wiring.Upstream upstream, Open open, UpstreamCall answers) {
        call = answers;
        return new UpstreamLink() {
            @Override
            public void credit(long events, long bytes) {}

            @Override
            public void settle(Settlement settlement) {}

            @Override
            public void close() {}
        };
    }

    @Override
    public void start(Task task) {
        running.add(task);
    }

    @Override
    public void startBatch(BatchTask task) {
        batch = task;
    }

    @Override
    public void writeDeadLetters(List<FailedEvent> failed) {
        letters = failed;
    }

    @Override
    public void wakeAt(long nanos) {}

    @Override
    public void injected(Object token, Fate fate, @Nullable Failure failure) {
        injected.add(token + " " + fate + (failure == null ? "" : " " + failure.code()));
    }

    @Override
    public void failed(Failure failure) {
        failures.add(failure);
    }

    @Override
    public void fenced(String reason) {
        throw new AssertionError(reason);
    }
}
