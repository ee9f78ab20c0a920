// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A processor between emitters with replicas and one sink: who must have ended, and what is given back. */
class ReplicaAndRecallTest {
    private final Around around = new Around();
    private final Down down = new Down();

    @Test
    void hasEndedOnlyWhenEveryReplicaOfAnInputSaidSo() {
        DeliveryCore core = processor(new Work.Lanes(4, true, false));
        wire(core, 1, 2, List.of(), 0);
        around.open(0).endOfStream(0);
        core.turn();
        assertThat(core.done()).as("the second replica was not even there").isFalse();

        wire(core, 2, 2, List.of(), 0, 1);
        core.turn();
        around.open(1).endOfStream(0);

        assertThat(core.done()).isTrue();
    }

    @Test
    void doesNotWaitForTheEndOfAReplicaThatIsOut() {
        DeliveryCore core = processor(new Work.Lanes(4, true, false));
        wire(core, 1, 2, List.of(), 0, 1);
        around.open(0).endOfStream(0);
        UpstreamCall dead = around.open(1);
        dead.batch(1, records("a"), 0);
        core.turn();
        assertThat(core.done()).isFalse();

        wire(core, 2, 2, List.of(1), 0);
        Task begun = around.running.removeFirst();
        dead.batch(2, records("b"), 0);
        core.succeeded(begun, null);
        core.turn();

        assertThat(around.running).as("nothing more is taken from it").isEmpty();
        assertThat(core.done()).isTrue();
    }

    @Test
    void takesNothingFromAnEmitterThatWasOutEvenWhenItsPlaceIsInAgain() {
        DeliveryCore core = processor(new Work.Lanes(4, true, false));
        wire(core, 1, 2, List.of(), 0, 1);
        wire(core, 2, 2, List.of(1), 0);
        around.calls.clear();

        wire(core, 3, 2, List.of(), 0);
        around.now += 10_000_000_000L;
        core.turn();

        assertThat(around.calls)
                .as("its old address, where it may still listen")
                .doesNotContainKey(1);
    }

    @Test
    void passesARecallOnToWhereTheEventsWait() {
        DeliveryCore core = processor(new Work.Inline((records, index, out) -> out.addFrom(records, index)));
        wire(core, 1, 1, List.of(), 0);
        SubscriberCall sink = subscribe(core, 2);
        UpstreamCall source = around.open(0);
        source.batch(1, records("a1", "b1", "a2"), 0);
        core.turn();

        source.recall(2, 3);
        core.turn();
        Settlement answer = new Settlement();
        answer.addRange(2, 2, Fate.FILTERED);
        answer.upTo(1);
        sink.settle(answer);
        core.turn();

        assertThat(down.lines).containsExactly("a1 b1", "recall 2-2");
        assertThat(core.unsettled())
                .as("a2 was not sent, b1 was given back, a1 is through")
                .isZero();
    }

    @Test
    void makesNothingMoreOfARecalledEventThatItWorksOn() {
        DeliveryCore core = processor(new Work.Lanes(4, true, false));
        wire(core, 1, 1, List.of(), 0);
        subscribe(core, 100);
        UpstreamCall source = around.open(0);
        source.batch(1, records("a1"), 0);
        core.turn();

        source.recall(1, 1);
        core.succeeded(around.running.removeFirst(), records("a1"));
        core.turn();

        assertThat(down.lines).isEmpty();
        assertThat(core.unsettled()).isZero();
    }

    @Test
    void givesBackWhatItMadeForAnEmitterThatWasReplaced() {
        DeliveryCore core = processor(new Work.Inline((records, index, out) -> out.addFrom(records, index)));
        wire(core, 1, 1, List.of(), 0);
        subscribe(core, 100);
        UpstreamCall source = around.open(0);
        source.batch(1, records("a1", "a2"), 0);
        core.turn();

        source.closed();
        around.now += 100_000_000;
        core.turn();
        around.call(0).accepted(new Accepted(2, 1, false, 1, 500));

        assertThat(down.lines).containsExactly("a1 a2", "recall 1-2");
    }

    private DeliveryCore processor(Work work) {
        return new DeliveryCore(
                new DeliverySettings(
                        "run",
                        "p",
                        0,
                        "p-1",
                        1,
                        List.of("s->p"),
                        List.of("p->k"),
                        new DeliverySettings.Limits(8, 1000, 500, 100, 100, 64),
                        RetryPolicy.DEFAULT),
                work,
                around,
                new SplittableRandom(1));
    }

    private void wire(DeliveryCore core, long version, int replicas, List<Integer> out, int... present) {
        List<Wiring.Upstream> upstreams = new ArrayList<>();
        for (int replica : present) {
            upstreams.add(new Wiring.Upstream("s->p", "s", replica, "s:" + replica, 1));
        }
        core.wire(new Wiring(
                version,
                upstreams,
                List.of(new Wiring.Downstream("p->k", "k", 1, List.of(), List.of(1L))),
                List.of(new Wiring.Input("s->p", replicas, out))));
        core.turn();
    }

    private SubscriberCall subscribe(DeliveryCore core, long credit) {
        SubscriberCall call = core.subscribe(new Open("run", "p->k", "k", 0, "k-1", 1, false, null), down);
        call.credit(credit, 10_000);
        return call;
    }

    private static Records records(String... texts) {
        Records records = new Records();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            records.add(bytes, 0, bytes.length, bytes, 0, 1, 0);
        }
        return records;
    }

    private static final class Around implements Effects {
        final List<Task> running = new ArrayList<>();
        final Map<Integer, UpstreamCall> calls = new HashMap<>();
        long now = 1_000_000;

        UpstreamCall call(int replica) {
            return Objects.requireNonNull(calls.get(replica), "replica " + replica + " was not dialled");
        }

        UpstreamCall open(int replica) {
            UpstreamCall call = call(replica);
            call.accepted(new Accepted(1, 1, false, 1, 500));
            return call;
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public UpstreamLink dial(Wiring.Upstream upstream, Open open, UpstreamCall call) {
            calls.put(upstream.replica(), call);
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
        public void startBatch(BatchTask batch) {}

        @Override
        public void writeDeadLetters(List<FailedEvent> letters) {}

        @Override
        public void wakeAt(long nanos) {}

        @Override
        public void injected(Object token, Fate fate, @Nullable Failure failure) {}

        @Override
        public void fenced(String reason) {
            throw new AssertionError(reason);
        }
    }

    private static final class Down implements SubscriberLink {
        final List<String> lines = new ArrayList<>();

        @Override
        public void accepted(Accepted accepted) {}

        @Override
        public void refused(Refusal reason, String message) {
            lines.add("refused " + reason);
        }

        @Override
        public void batch(long firstSequence, Records records, long settledUpTo) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < records.size(); i++) {
                texts.add(new String(records.buffer(i), records.offset(i), records.length(i), StandardCharsets.UTF_8));
            }
            lines.add(String.join(" ", texts));
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
