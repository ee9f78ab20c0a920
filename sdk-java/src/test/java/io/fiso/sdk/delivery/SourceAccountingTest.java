// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a source counts per partition, and what makes it pause; the events come from here, their fates too. */
class SourceAccountingTest {
    private final Letters letters = new Letters();
    private DeliveryCore core = source();

    @Test
    void keepsItsSumsAtEveryMomentWhateverTheOrderOfFates() {
        SplittableRandom random = new SplittableRandom(7);
        SourcePartition partition = core.partition("a");
        List<Long> open = new ArrayList<>();
        FateCounts expected = new FateCounts();
        for (int step = 0; step < 5_000; step++) {
            if (open.isEmpty() || open.size() < 60 && random.nextInt(2) == 0) {
                open.add(partition.accept(step * 3L, Records.NO_KEY, null));
            } else {
                Fate fate = Fate.of(random.nextInt(4));
                partition.decide(open.remove(random.nextInt(open.size())), fate, null);
                expected.add(fate);
            }
            Progress.Partition now = partition.progress();
            assertThat(now.accepted()).isEqualTo(now.settled().total() + now.unsettled());
            assertThat(now.unsettled()).isEqualTo(open.size());
            assertThat(now.settled()).hasToString(expected.toString());
        }
    }

    @Test
    void theLedgerHoldsTheFatesOfThePrefixAndNoMore() {
        SourcePartition partition = core.partition("a");
        long first = partition.accept(10, Records.NO_KEY, null);
        long second = partition.accept(11, Records.NO_KEY, null);
        long third = partition.accept(15, Records.NO_KEY, null);

        partition.decide(second, Fate.FILTERED, null);
        partition.decide(third, Fate.DROPPED, null);
        assertThat(prefix(partition).total()).as("the first is open").isZero();

        partition.decide(first, Fate.DELIVERED, null);

        assertThat(prefix(partition)).hasToString("FILTERED=1, DELIVERED=1, ABSORBED=0, DROPPED=1, FAILED=0");
        assertThat(settled()).containsExactly("a=16");
    }

    @Test
    void aFailureCountsWhenItsDeadLetterIsWritten() {
        SourcePartition partition = core.partition("a");
        core.emitFailed(partition, 0, failure(), null);
        core.turn();
        assertThat(partition.progress().unsettled()).isEqualTo(1);
        assertThat(partition.progress().settled().total()).isZero();

        core.deadLettersWritten();

        assertThat(partition.progress().unsettled()).isZero();
        assertThat(partition.progress().settled().of(Fate.FAILED)).isEqualTo(1);
        assertThat(prefix(partition).of(Fate.FAILED)).isEqualTo(1);
    }

    @Test
    void theNextInstanceGoesOnWithWhatWasCommittedAndCountsTheRestAgain() {
        SourcePartition partition = core.partition("a");
        for (int n = 0; n < 10; n++) {
            partition.decide(partition.accept(n, Records.NO_KEY, null), Fate.DELIVERED, null);
        }
        FateCounts committed = prefix(partition);
        core.committed(partition, 10, committed);
        assertThat(partition.progress().committedSettled().of(Fate.DELIVERED)).isEqualTo(10);
        for (int n = 10; n < 15; n++) {
            partition.decide(partition.accept(n, Records.NO_KEY, null), Fate.DELIVERED, null);
        }

        core = source();
        SourcePartition next = core.partition("a");
        core.resumed(next, PrefixLedger.read(PrefixLedger.write("run", committed), "run"));
        assertThat(next.progress().accepted()).isEqualTo(10);
        for (int n = 10; n < 15; n++) {
            next.decide(next.accept(n, Records.NO_KEY, null), Fate.FILTERED, null);
        }

        assertThat(next.progress().accepted()).isEqualTo(15);
        assertThat(prefix(next)).hasToString("FILTERED=5, DELIVERED=10, ABSORBED=0, DROPPED=0, FAILED=0");
        assertThat(next.progress().committedSettled().total()).isEqualTo(10);
    }

    @Test
    void anOlderCommitThatIsConfirmedLateChangesNothing() {
        SourcePartition partition = core.partition("a");
        FateCounts twenty = new FateCounts();
        twenty.set(Fate.DELIVERED, 20);
        core.committed(partition, 20, twenty);
        core.committed(partition, 10, new FateCounts());

        assertThat(partition.progress().committed()).isEqualTo(20);
        assertThat(partition.progress().committedSettled().total()).isEqualTo(20);
    }

    @Test
    void totalsComeBeforeEvents() {
        SourcePartition partition = core.partition("a");
        partition.accept(0, Records.NO_KEY, null);

        assertThatThrownBy(() -> core.resumed(partition, new FateCounts())).isInstanceOf(IllegalStateException.class);
    }

    // ---- pause and breaker

    @Test
    void emitsNothingNewWhilePausedAndTakesWhatWasReadBefore() {
        SourcePartition partition = core.partition("a");
        assertThat(core.ready(partition)).isTrue();

        core.pause("the sink is being mended");
        assertThat(core.ready(partition)).isFalse();
        assertThat(core.takes(partition)).isTrue();
        assertThat(core.progress().paused()).isEqualTo("paused on request: the sink is being mended");

        core.resume();
        assertThat(core.ready(partition)).isTrue();
        assertThat(core.progress().paused()).isEmpty();
    }

    @Test
    void pausesItselfWhenEverythingIsPoisonBeforeTheLettersAreWritten() {
        SourcePartition partition = core.partition("a");
        int emitted = 0;
        while (core.ready(partition) && emitted < 1_000) {
            core.emitFailed(partition, emitted++, failure(), null);
            core.turn();
        }

        assertThat(emitted).isEqualTo(50);
        assertThat(core.paused()).contains("the error-rate breaker is open: 50 of the last 50 events failed");

        core.pause("somebody looks at it");
        core.resume();
        assertThat(core.ready(partition)).as("resume closes the breaker too").isTrue();
        core.emitFailed(partition, emitted, failure(), null);
        core.turn();
        assertThat(core.ready(partition)).as("and empties its window").isTrue();
    }

    @Test
    void doesNotPauseForPoisonAmongSuccess() {
        SourcePartition partition = core.partition("a");
        for (int n = 0; n < 5_000; n++) {
            if (n % 3 == 0) {
                core.emitFailed(partition, n, failure(), null);
            } else {
                partition.decide(partition.accept(n, Records.NO_KEY, null), Fate.DELIVERED, null);
            }
            core.turn();
            core.deadLettersWritten();
        }

        assertThat(core.paused()).isEmpty();
    }

    @Test
    void neverPausesItselfWithoutABreaker() {
        core = source(Optional.empty());
        SourcePartition partition = core.partition("a");
        for (int n = 0; n < 99; n++) {
            core.emitFailed(partition, n, failure(), null);
            core.turn();
        }

        assertThat(core.ready(partition)).isTrue();
    }

    private DeliveryCore source() {
        return source(Optional.of(new ErrorRate(0.5, 50, Duration.ofSeconds(30))));
    }

    private DeliveryCore source(Optional<ErrorRate> breaker) {
        DeliveryCore made = new DeliveryCore(
                new DeliverySettings(
                        "run",
                        "s",
                        0,
                        "s-1",
                        1,
                        List.of(),
                        List.of(),
                        new DeliverySettings.Limits(64, 1000, 500, 100, 100, 64),
                        RetryPolicy.DEFAULT),
                new Work.Source(breaker),
                letters,
                new SplittableRandom(1));
        made.wire(new Wiring(1, List.of(), List.of()));
        return made;
    }

    private static FateCounts prefix(SourcePartition partition) {
        FateCounts prefix = new FateCounts();
        partition.settledFates(prefix);
        return prefix;
    }

    private List<String> settled() {
        List<String> settled = new ArrayList<>();
        core.settledPositions((partition, next) -> settled.add(partition.name() + "=" + next));
        return settled;
    }

    private static Failure failure() {
        return new Failure("CLOUDEVENT_WRAP_FAILED", "no JSON", 1, "s", "");
    }

    /** A source has nothing else around it here. */
    private static final class Letters implements Effects {
        private long now;

        @Override
        public long nanoTime() {
            return now += 1_000;
        }

        @Override
        public UpstreamLink dial(Wiring.Upstream upstream, Open open, UpstreamCall call) {
            throw new AssertionError("a source dials nobody");
        }

        @Override
        public void start(Task task) {
            throw new AssertionError("a source has no lanes");
        }

        @Override
        public void startBatch(BatchTask batch) {
            throw new AssertionError("a source has no batches");
        }

        @Override
        public void writeDeadLetters(List<FailedEvent> failed) {}

        @Override
        public void wakeAt(long nanos) {}

        @Override
        public void injected(Object token, Fate fate, @Nullable Failure failure) {}

        @Override
        public void fenced(String reason) {
            throw new AssertionError(reason);
        }
    }
}
