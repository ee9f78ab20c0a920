// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.sdk.DeliveryException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One core with everything around it played by the test: time, neighbours, user code. */
class DeliveryCoreTest {
    private static final long MILLIS = 1_000_000;
    private static final int WINDOW = 8;

    private final Around around = new Around();

    // ---- what arrives

    @Test
    void breaksTheCallOffWhenANumberIsMissing() {
        DeliveryCore core = sink(new Work.Lanes(4, true, true));
        UpstreamCall call = around.open();
        call.batch(1, records("a", "b"), 0);

        assertThatThrownBy(() -> call.batch(4, records("c"), 0))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("'s->k'")
                .hasMessageContaining("starts at sequence 4, expected 3");
        assertThat(around.closed).isEqualTo(1);

        around.after(core, 100);
        assertThat(around.opens).hasSize(2);
        assertThat(Objects.requireNonNull(around.opens.getLast().resume()).receivedUpTo())
                .isEqualTo(2);
    }

    @Test
    void neverGrantsMoreThanItsWindow() {
        DeliveryCore core = sink(new Work.Lanes(1, true, true));
        UpstreamCall call = around.open();
        around.after(core, 0);
        assertThat(around.creditEvents).isEqualTo(WINDOW);

        call.batch(1, records("a", "b", "c", "d", "e", "f", "g", "h"), 0);
        around.after(core, 1);
        assertThat(around.creditEvents).as("full").isEqualTo(WINDOW);

        for (int settled = 1; settled <= 8; settled++) {
            core.succeeded(around.takeRunning(), null);
            around.after(core, 1);
            assertThat(around.creditEvents).isLessThanOrEqualTo(WINDOW + settled);
        }
        assertThat(around.creditEvents).isEqualTo(WINDOW + 8);
    }

    @Test
    void takesBackWhatWasRecalledAndNotStarted() {
        DeliveryCore core = sink(new Work.Lanes(1, true, true));
        UpstreamCall call = around.open();
        call.batch(1, records("a", "b", "c"), 0);
        around.after(core, 1);

        call.recall(1, 2);
        core.succeeded(around.takeRunning(), null);
        around.after(core, 1);

        assertThat(around.texts()).as("b was taken back").containsExactly("c");
        assertThat(core.progress().settled().of(Fate.DELIVERED)).isEqualTo(1);
        assertThat(core.progress().settled().of(Fate.FILTERED)).isEqualTo(1);
    }

    // ---- lanes

    @Test
    void runsOneEventOfAKeyAtATimeAndOtherKeysBesideIt() {
        DeliveryCore core = sink(new Work.Lanes(4, true, true));
        around.open().batch(1, records("a1", "a2", "b1"), 0);

        around.after(core, 1);

        assertThat(around.texts()).containsExactly("a1", "b1");
    }

    @Test
    void runsEventsOfAKeySideBySideWithoutOrdering() {
        DeliveryCore core = sink(new Work.Lanes(4, false, true));
        around.open().batch(1, records("a1", "a2", "b1"), 0);

        around.after(core, 1);

        assertThat(around.texts()).containsExactly("a1", "a2", "b1");
    }

    @Test
    void givesThePermitOfALaneThatWaitsForARetryToAnother() {
        DeliveryCore core = sink(new Work.Lanes(1, true, true));
        around.open().batch(1, records("a1", "a2", "b1"), 0);
        around.after(core, 1);
        assertThat(around.texts()).containsExactly("a1");

        core.failed(around.takeRunning(), DeliveryException.transientFailure("503", "not now"));
        around.after(core, 1);
        assertThat(around.texts()).as("while a waits").containsExactly("b1");
        core.succeeded(around.takeRunning(), null);

        around.after(core, 300);
        assertThat(around.texts()).as("the retry, not the event behind it").containsExactly("a1");
    }

    @Test
    void opensTheCircuitAfterFiveDifferentEventsAndThenProbesOncePerInterval() {
        DeliveryCore core = sink(new Work.Lanes(8, true, true));
        around.open().batch(1, records("a", "b", "c", "d", "e", "f", "g"), 0);
        around.after(core, 1);
        DeliveryException down = DeliveryException.transientFailure("503", "down");
        for (int event = 0; event < 4; event++) {
            core.failed(around.takeRunning(), down);
        }
        around.after(core, 1);
        assertThat(core.progress().holding()).as("four failed").isEmpty();
        while (!around.running.isEmpty()) {
            core.failed(around.takeRunning(), down);
        }
        around.after(core, 1);
        assertThat(core.progress().holding()).contains("the circuit is open");

        int probes = 0;
        for (int second = 0; second < 300; second++) {
            around.after(core, 1000);
            assertThat(around.running).as("one probe at a time").hasSizeLessThanOrEqualTo(1);
            while (!around.running.isEmpty()) {
                core.failed(around.takeRunning(), down);
                probes++;
            }
        }

        assertThat(probes).as("one per 30 s in 300 s").isBetween(9, 11);
        assertThat(core.progress().settled().of(Fate.FAILED))
                .as("an outage spends no attempts")
                .isZero();
        around.after(core, 31_000);
        core.succeeded(around.takeRunning(), null);
        around.after(core, 31_000);
        assertThat(core.progress().holding()).as("it answered").isEmpty();
        assertThat(around.running).as("everything else runs again").hasSize(6);
    }

    @Test
    void keepsTheCircuitClosedWhileTheSameEventFails() {
        DeliveryCore core = sink(new Work.Lanes(1, true, true));
        around.open().batch(1, records("a"), 0);

        for (int attempt = 0; attempt < 3; attempt++) {
            around.after(core, 1000);
            core.failed(around.takeRunning(), DeliveryException.transientFailure("503", "down"));
        }

        assertThat(core.progress().holding()).isEmpty();
        assertThat(core.progress().settled().of(Fate.FAILED)).isEqualTo(1);
    }

    // ---- batches

    @Test
    void holdsAKeyBackInBatchesWhileOneOfItsEventsWaits() {
        DeliveryCore core = sink(new Work.Batches(4));
        around.open().batch(1, records("a1", "b1", "a2", "b2", "a3"), 0);
        around.after(core, 1);
        BatchTask first = around.takeBatch();
        assertThat(Around.texts(first)).containsExactly("a1", "b1", "a2", "b2");

        first.failed(0, DeliveryException.transientFailure("503", "not now"));
        first.failed(2, DeliveryException.transientFailure("503", "an earlier event of the key failed"));
        core.batchDone(first, null);
        around.after(core, 1);
        assertThat(around.batch).as("a3 waits behind a1 and a2").isNull();

        around.after(core, 300);
        assertThat(Around.texts(around.takeBatch())).containsExactly("a1", "a2", "a3");
    }

    // ---- dead letters and partitions

    @Test
    void settlesAFailedEventOnlyWhenItsLetterIsWritten() {
        DeliveryCore core = source();
        SourcePartition partition = core.partition("p");
        core.emitFailed(partition, 0, new Failure("CLOUDEVENT_WRAP_FAILED", "no", 1, "s", ""), "original");
        around.after(core, 1);
        assertThat(around.letters)
                .singleElement()
                .extracting(FailedEvent::attachment)
                .isEqualTo("original");

        core.deadLettersRefused("disk full");
        assertThat(settled(core)).isEmpty();
        assertThat(core.progress().holding()).contains("disk full");
        around.letters = List.of();
        around.after(core, 100);
        assertThat(around.letters).as("waits before it tries again").isEmpty();
        around.after(core, 150);
        assertThat(around.letters).hasSize(1);

        core.deadLettersWritten();
        assertThat(settled(core)).containsExactly("p=1");
        assertThat(core.progress().holding()).isEmpty();
    }

    @Test
    void recallsWhatAReleasedPartitionHadUnderWayAndIgnoresWhatComesLate() {
        DeliveryCore core = source();
        SourcePartition gone = core.partition("gone");
        SourcePartition kept = core.partition("kept");
        Said said = new Said();
        SubscriberCall call = core.subscribe(new Open("run", "s->k", "k", 0, "k-1", 1, false, null), said);
        call.credit(3, 1000);
        emit(core, gone, 0, "a");
        emit(core, kept, 0, "b");
        emit(core, gone, 1, "c");
        emit(core, gone, 2, "unsent");
        emit(core, kept, 1, "d");
        around.after(core, 1);

        core.release(gone);
        call.credit(8, 1000);
        around.after(core, 1);
        Settlement late = new Settlement();
        late.upTo(4);
        call.settle(late);

        assertThat(said.lines).containsExactly("batch 1 a b c", "recall 3-3", "recall 1-1", "batch 4 d");
        assertThat(settled(core)).as("nothing of the partition that is gone").containsExactly("kept=2");
        assertThat(core.unsettled()).isZero();
    }

    private DeliveryCore sink(Work work) {
        DeliveryCore core =
                new DeliveryCore(settings("k", List.of("s->k"), List.of()), work, around, new SplittableRandom(1));
        core.wire(new Wiring(1, List.of(new Wiring.Upstream("s->k", "s", 0, "s:1", 1)), List.of()));
        around.after(core, 0);
        return core;
    }

    private DeliveryCore source() {
        DeliveryCore core = new DeliveryCore(
                settings("s", List.of(), List.of("s->k")), new Work.Source(), around, new SplittableRandom(1));
        core.wire(new Wiring(1, List.of(), List.of(new Wiring.Downstream("s->k", "k", 1, List.of(), List.of(1L)))));
        return core;
    }

    private static DeliverySettings settings(String name, List<String> inputs, List<String> outputs) {
        return new DeliverySettings(
                "run",
                name,
                0,
                name + "-1",
                1,
                inputs,
                outputs,
                new DeliverySettings.Limits(WINDOW, 1000, 500, 100, 100, 64),
                RetryPolicy.DEFAULT);
    }

    private static void emit(DeliveryCore core, SourcePartition partition, long position, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        core.emit(partition, position, bytes, 0, bytes.length, bytes, null);
    }

    private static List<String> settled(DeliveryCore core) {
        List<String> settled = new ArrayList<>();
        core.settledPositions((partition, next) -> settled.add(partition.name() + "=" + next));
        return settled;
    }

    /** Events of these texts; the first letter is the key. */
    private static Records records(String... texts) {
        Records records = new Records();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            records.add(bytes, 0, bytes.length, bytes, 0, 1, 0);
        }
        return records;
    }

    /** The world around the core. */
    private static final class Around implements Effects {
        final List<Open> opens = new ArrayList<>();
        final List<Task> running = new ArrayList<>();
        List<FailedEvent> letters = List.of();

        @Nullable
        BatchTask batch;

        long creditEvents;
        int closed;
        private long now = MILLIS;
        private @Nullable UpstreamCall call;

        /** Lets time pass, and the core take its turns. */
        void after(DeliveryCore core, long millis) {
            now += millis * MILLIS;
            while (core.turn()) {
                // More is at hand.
            }
        }

        /** Accepts the call that was dialled. */
        UpstreamCall open() {
            UpstreamCall dialled = Objects.requireNonNull(call);
            dialled.accepted(new Accepted(1, 1, false, 1, 500));
            return dialled;
        }

        Task takeRunning() {
            return running.removeFirst();
        }

        BatchTask takeBatch() {
            BatchTask taken = Objects.requireNonNull(batch);
            batch = null;
            return taken;
        }

        List<String> texts() {
            return running.stream().map(Around::text).toList();
        }

        static List<String> texts(BatchTask batch) {
            List<String> texts = new ArrayList<>();
            for (int index = 0; index < batch.size(); index++) {
                texts.add(text(batch.event(index)));
            }
            return texts;
        }

        private static String text(Task task) {
            return new String(task.buffer(), task.offset(), task.length(), StandardCharsets.UTF_8);
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public UpstreamLink dial(Wiring.Upstream upstream, Open open, UpstreamCall answers) {
            opens.add(open);
            call = answers;
            return new UpstreamLink() {
                @Override
                public void credit(long events, long bytes) {
                    creditEvents = events;
                }

                @Override
                public void settle(Settlement settlement) {}

                @Override
                public void close() {
                    closed++;
                }
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
        public void injected(Object token, Fate fate, @Nullable Failure failure) {}

        @Override
        public void fenced(String reason) {
            throw new AssertionError(reason);
        }
    }

    private static final class Said implements SubscriberLink {
        final List<String> lines = new ArrayList<>();

        @Override
        public void accepted(Accepted accepted) {}

        @Override
        public void refused(Refusal reason, String message) {
            lines.add("refused " + reason);
        }

        @Override
        public void batch(long firstSequence, Records records, long settledUpTo) {
            StringBuilder line = new StringBuilder("batch " + firstSequence);
            for (int index = 0; index < records.size(); index++) {
                line.append(' ')
                        .append(new String(
                                records.buffer(index),
                                records.offset(index),
                                records.length(index),
                                StandardCharsets.UTF_8));
            }
            lines.add(line.toString());
        }

        @Override
        public void recall(long first, long last) {
            lines.add("recall " + first + "-" + last);
        }

        @Override
        public void endOfStream(long lastSequence) {}

        @Override
        public void close() {}
    }
}
