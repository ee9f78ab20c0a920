// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.DeliveryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of an event that a component gives up on, in lanes, in batches, on the core's own thread, and at a source. */
class FailurePoliciesTest {
    private static final DeliveryException BAD = DeliveryException.permanent("422", "no such order");
    private static final RetryPolicy RETRY =
            new RetryPolicy(3, RetryPolicy.Backoff.LINEAR, Duration.ofMillis(100), Duration.ofSeconds(30), 0);

    private final CoreStage stage = new CoreStage();

    // ---- lanes

    @Test
    void holdsAnEventAtTheHeadOfItsLaneWhileOtherKeysFlow() {
        DeliveryCore core = lanes(OnFailure.HOLD);
        stage.arrive("a1", "a2", "b1");
        stage.after(core, 1);

        core.failed(stage.takeRunning("a1"), BAD);
        core.succeeded(stage.takeRunning("b1"), null);
        stage.after(core, 29_000);

        assertThat(stage.texts()).as("not yet").isEmpty();
        assertThat(core.progress().holding()).contains("key 'a' is held", "failed once with 422 (no such order)");
        assertThat(core.unsettled()).isEqualTo(2);

        stage.after(core, 1_000);
        assertThat(stage.texts()).as("every maxInterval").containsExactly("a1");
        core.failed(stage.takeRunning("a1"), BAD);
        stage.after(core, 30_000);
        core.succeeded(stage.takeRunning("a1"), null);
        stage.after(core, 1);

        assertThat(stage.texts()).containsExactly("a2");
        assertThat(core.progress().holding()).isEmpty();
        assertThat(core.progress().settled().of(Fate.FAILED)).isZero();
    }

    @Test
    void spendsItsAttemptsBeforeItHolds() {
        DeliveryCore core = lanes(OnFailure.HOLD);
        stage.arrive("a1");
        for (int attempt = 1; attempt <= 3; attempt++) {
            stage.after(core, 300);
            assertThat(core.progress().holding()).isEmpty();
            core.failed(stage.takeRunning("a1"), DeliveryException.unknown("500", "broke", new Exception()));
        }
        stage.after(core, 29_000);
        assertThat(stage.texts()).isEmpty();
        assertThat(core.progress().holding()).contains("failed 3 times with 500");
    }

    @Test
    void waitsAsLongAsTheOutsideAsked() {
        DeliveryCore core = lanes(OnFailure.DEAD_LETTER);
        stage.arrive("a1");
        stage.after(core, 1);
        core.failed(
                stage.takeRunning("a1"),
                DeliveryException.ofStatus(429, "slowly", java.util.Optional.of(Duration.ofSeconds(90))));
        stage.after(core, 89_000);
        assertThat(stage.texts()).isEmpty();
        stage.after(core, 1_000);
        assertThat(stage.texts()).containsExactly("a1");
    }

    @Test
    void skipsAndCountsAsDropped() {
        DeliveryCore core = lanes(OnFailure.SKIP);
        stage.arrive("a1", "a2");
        stage.after(core, 1);

        core.failed(stage.takeRunning("a1"), BAD);
        stage.after(core, 1);

        assertThat(stage.texts()).containsExactly("a2");
        assertThat(core.progress().settled().of(Fate.DROPPED)).isEqualTo(1);
        assertThat(core.progress().gaveUp()).containsEntry("422", 1L);
    }

    @Test
    void failsTheComponentAndSettlesNothing() {
        DeliveryCore core = lanes(OnFailure.FAIL);
        stage.arrive("a1");
        stage.after(core, 1);

        core.failed(stage.takeRunning("a1"), BAD);
        stage.after(core, 1);

        assertThat(stage.failures).extracting(Failure::code).containsExactly("422");
        assertThat(core.unsettled()).isEqualTo(1);
        assertThat(core.progress().settled().total()).isZero();

        stage.after(core, 600_000);
        assertThat(stage.running)
                .as("what has failed the component is not tried again")
                .isEmpty();
        assertThat(stage.failures).hasSize(1);
    }

    @Test
    void answersAnInjectedEventWhateverThePolicySays() {
        DeliveryCore core = lanes(OnFailure.HOLD);
        byte[] event = {'a'};
        assertThat(core.inject("token", event, 0, 1, event)).isEmpty();
        stage.after(core, 1);

        core.failed(stage.takeRunning("a"), BAD);
        stage.after(core, 1);

        assertThat(stage.injected).containsExactly("token FAILED 422");
        assertThat(core.progress().holding()).isEmpty();
    }

    @Test
    void holdsWhatIsTooLargeToGoOut() {
        DeliveryCore core =
                stage.core(new Work.Lanes(4, true, false), RETRY, OnFailure.HOLD, List.of("s->k"), List.of("k->t"));
        stage.arrive("a1", "a2");
        stage.after(core, 1);
        Records huge = new Records();
        huge.add(new byte[1_000], 0, 1_000, Records.NO_KEY, 0, 0, 0);

        core.succeeded(stage.takeRunning("a1"), huge);
        stage.after(core, 1);

        assertThat(core.progress().holding()).contains("key 'a' is held", "EVENT_TOO_LARGE");
        assertThat(core.unsettled()).isEqualTo(2);
        assertThat(stage.texts()).isEmpty();
    }

    @Test
    void startsTheOldestOfWhatMayRun() {
        DeliveryCore core =
                stage.core(new Work.Lanes(2, true, true), RETRY, OnFailure.DEAD_LETTER, List.of("s->k"), List.of());
        stage.arrive("a1", "a2", "b1", "c1", "a3", "d1");
        stage.after(core, 1);
        assertThat(stage.texts()).containsExactly("a1", "b1");

        core.succeeded(stage.takeRunning("a1"), null);
        stage.after(core, 1);
        assertThat(stage.texts()).as("a2 came before c1").containsExactly("b1", "a2");

        core.succeeded(stage.takeRunning("a2"), null);
        stage.after(core, 1);
        assertThat(stage.texts()).as("c1 came before a3").containsExactly("b1", "c1");
    }

    @Test
    void runsMoreLanesThoughAllAnswersComeAtOnce() {
        DeliveryCore core = stage.core(
                new Work.Lanes(Parallelism.ADAPTIVE, true, true),
                RETRY,
                OnFailure.DEAD_LETTER,
                List.of("s->k"),
                List.of());
        int most = 0;
        for (int call = 0; call < 400; call++) {
            if (core.unsettled() < 2_000) {
                stage.arriveMany(2_000, 1_000);
            }
            stage.after(core, 5);
            most = Math.max(most, stage.running.size());
            while (!stage.running.isEmpty()) {
                core.succeeded(stage.running.removeFirst(), null);
            }
        }
        assertThat(most).as("2 s of calls of 5 ms").isEqualTo(256);
    }

    @Test
    void anEventThatIsNotTakenInSaysNothingAboutTheOutside() {
        DeliveryCore core = lanes(OnFailure.DEAD_LETTER);
        stage.arrive("a1", "b1", "c1", "d1", "x1", "e1");
        stage.after(core, 1);
        for (String text : List.of("a1", "b1", "c1", "d1")) {
            core.failed(stage.takeRunning(text), DeliveryException.transientFailure("503", "down"));
        }
        core.failed(stage.takeRunning("x1"), new RefusedEventException(BAD));
        core.failed(stage.takeRunning("e1"), DeliveryException.transientFailure("503", "down"));
        stage.after(core, 1);

        assertThat(core.progress().holding()).contains("the circuit is open");
        assertThat(core.progress().settled().of(Fate.FAILED)).isEqualTo(1);
        assertThat(core.progress().gaveUp()).containsEntry("422", 1L);
    }

    // ---- batches

    @Test
    void anEventOfABatchThatIsNotTakenInSaysNothingAboutTheOutside() {
        DeliveryCore core = batches(OnFailure.DEAD_LETTER, RETRY);
        stage.arrive("a1", "b1", "c1", "d1", "x1", "e1");
        stage.after(core, 1);
        BatchTask batch = stage.takeBatch();
        batch.refused(4, BAD);
        core.batchDone(batch, DeliveryException.transientFailure("503", "down"));
        stage.after(core, 1);

        assertThat(core.progress().holding()).contains("the circuit is open");
        assertThat(core.progress().settled().of(Fate.FAILED)).isEqualTo(1);
        assertThat(core.progress().gaveUp()).containsEntry("422", 1L);
    }

    @Test
    void holdsAKeyInBatchesWhileOthersFlow() {
        DeliveryCore core = batches(OnFailure.HOLD, RETRY);
        stage.arrive("a1", "b1", "a2");
        stage.after(core, 1);
        BatchTask batch = stage.takeBatch();
        batch.failed(0, BAD);
        batch.failed(2, BAD);
        core.batchDone(batch, null);
        stage.after(core, 1);

        assertThat(core.progress().holding()).contains("key 'a' is held");
        assertThat(core.progress().settled().of(Fate.DELIVERED)).isEqualTo(1);

        stage.after(core, 30_000);
        batch = stage.takeBatch();
        assertThat(CoreStage.texts(batch)).containsExactly("a1", "a2");
        core.batchDone(batch, null);
        stage.after(core, 1);
        assertThat(core.unsettled()).isZero();
        assertThat(core.progress().holding()).isEmpty();
    }

    @Test
    void skipsInBatches() {
        DeliveryCore core = batches(OnFailure.SKIP, RETRY);
        stage.arrive("a1", "a2");
        stage.after(core, 1);
        BatchTask batch = stage.takeBatch();
        batch.failed(0, BAD);
        batch.failed(1, BAD);
        core.batchDone(batch, null);
        stage.after(core, 1);

        batch = stage.takeBatch();
        assertThat(CoreStage.texts(batch)).as("never tried, so not to blame").containsExactly("a2");
        core.batchDone(batch, null);
        assertThat(core.progress().settled().of(Fate.DROPPED)).isEqualTo(1);
        assertThat(core.progress().settled().of(Fate.DELIVERED)).isEqualTo(1);
    }

    @Test
    void findsTheOneToBlameWhenABatchFailsAsAWhole() {
        DeliveryCore core = batches(OnFailure.DEAD_LETTER, RETRY);
        stage.arrive("a1", "b1", "c1", "b2");
        stage.after(core, 1);
        core.batchDone(
                stage.takeBatch(),
                new DeliveryException(
                        DeliveryException.Kind.PERMANENT,
                        "400",
                        "one of them is bad",
                        null,
                        java.util.Optional.empty()));

        for (String text : List.of("a1", "b1", "c1", "b2")) {
            stage.after(core, 1);
            BatchTask alone = stage.takeBatch();
            assertThat(CoreStage.texts(alone)).containsExactly(text);
            core.batchDone(alone, text.equals("b1") ? BAD : null);
        }
        stage.after(core, 1);

        assertThat(core.progress().settled().of(Fate.DELIVERED)).isEqualTo(3);
        assertThat(core.progress().settled().of(Fate.FAILED)).isEqualTo(1);
    }

    // ---- the core's own thread

    @ParameterizedTest
    @EnumSource(OnFailure.class)
    void appliesToAProcessorOnTheCoresThread(OnFailure policy) {
        boolean[] healed = {false};
        DeliveryCore core = stage.core(
                new Work.Inline((records, index, out) -> {
                    if (records.buffer(index)[0] == 'a' && !healed[0]) {
                        throw BAD;
                    }
                }),
                RETRY,
                policy,
                List.of("s->k"),
                List.of("k->t"));
        stage.arrive("a1", "b1");
        stage.after(core, 1);

        FateCounts settled = core.progress().settled();
        boolean decided = policy == OnFailure.DEAD_LETTER || policy == OnFailure.SKIP;
        assertThat(settled.of(Fate.FAILED)).isEqualTo(policy == OnFailure.DEAD_LETTER ? 1 : 0);
        assertThat(settled.of(Fate.DROPPED)).isEqualTo(policy == OnFailure.SKIP ? 1 : 0);
        assertThat(settled.of(Fate.FILTERED)).as("b1, behind it").isEqualTo(decided ? 1 : 0);
        assertThat(stage.failures).hasSize(policy == OnFailure.FAIL ? 1 : 0);
        assertThat(core.progress().holding().isEmpty()).isEqualTo(decided);

        healed[0] = true;
        stage.after(core, 30_000);
        assertThat(core.unsettled()).isEqualTo(policy == OnFailure.FAIL ? 2 : 0);
        assertThat(core.progress().holding().isEmpty()).isEqualTo(policy != OnFailure.FAIL);
    }

    // ---- sources

    @ParameterizedTest
    @EnumSource(OnFailure.class)
    void appliesToWhatASourceCannotMakeAnEventOf(OnFailure policy) {
        DeliveryCore core = stage.core(new Work.Source(), RETRY, policy, List.of(), List.of("s->k"));
        SourcePartition partition = core.partition("p0");
        core.emitFailed(partition, 4, new Failure("CLOUDEVENT_WRAP_FAILED", "not JSON", 1, "s", ""), null);
        stage.after(core, 1);

        assertThat(stage.letters).hasSize(policy == OnFailure.DEAD_LETTER ? 1 : 0);
        assertThat(stage.failures).hasSize(policy == OnFailure.FAIL ? 1 : 0);
        assertThat(core.progress().settled().of(Fate.DROPPED)).isEqualTo(policy == OnFailure.SKIP ? 1 : 0);
        boolean kept = policy == OnFailure.HOLD || policy == OnFailure.FAIL;
        assertThat(core.progress().holding().contains("CLOUDEVENT_WRAP_FAILED")).isEqualTo(kept);
        assertThat(core.unsettled()).isEqualTo(policy == OnFailure.SKIP ? 0 : 1);

        core.release(partition);
        assertThat(core.progress().holding()).isEmpty();
    }

    // ---- an outage (F13)

    @Test
    void anOutageOfHalfAnHourCostsNoFloodOfDeadLettersInLanes() {
        for (int maxAttempts : new int[] {1, 3}) {
            CoreStage world = new CoreStage();
            RetryPolicy retry = new RetryPolicy(
                    maxAttempts, RetryPolicy.Backoff.EXPONENTIAL, Duration.ofMillis(200), Duration.ofSeconds(30), 0.2);
            Parallelism parallelism = Parallelism.ADAPTIVE;
            DeliveryCore core = world.core(
                    new Work.Lanes(parallelism, true, true), retry, OnFailure.DEAD_LETTER, List.of("s->k"), List.of());
            world.arriveMany(2_000, 500);
            DeliveryException down = DeliveryException.transientFailure("CONNECTION", "refused");

            int calls = 0;
            for (int second = 0; second < 30 * 60; second++) {
                world.after(core, 1_000);
                while (!world.running.isEmpty()) {
                    core.failed(world.running.removeFirst(), down);
                    calls++;
                }
            }

            assertThat(core.progress().settled().of(Fate.FAILED)).isLessThanOrEqualTo(Circuit.OPENS_AFTER);
            assertThat(core.progress().holding()).contains("the circuit is open", "CONNECTION: refused");
            assertThat(calls).as("one probe in 30 s, after the first").isBetween(60, 60 + 16 + 5);

            for (int millis = 0; millis < 120_000 && core.unsettled() > 0; millis += 5) {
                world.after(core, 5);
                while (!world.running.isEmpty()) {
                    core.succeeded(world.running.removeFirst(), null);
                }
            }
            assertThat(core.unsettled()).as("back without a hand").isZero();
            assertThat(core.progress().settled().of(Fate.FAILED)).isLessThanOrEqualTo(Circuit.OPENS_AFTER);
        }
    }

    @Test
    void anOutageOfHalfAnHourCostsNoFloodOfDeadLettersInBatches() {
        for (int maxAttempts : new int[] {1, 3}) {
            CoreStage world = new CoreStage();
            RetryPolicy retry = new RetryPolicy(
                    maxAttempts, RetryPolicy.Backoff.EXPONENTIAL, Duration.ofMillis(200), Duration.ofSeconds(30), 0.2);
            DeliveryCore core =
                    world.core(new Work.Batches(1_024), retry, OnFailure.DEAD_LETTER, List.of("s->k"), List.of());
            world.arriveMany(2_000, 500);
            DeliveryException down = DeliveryException.transientFailure("CONNECTION", "refused");
            for (int second = 0; second < 30 * 60; second++) {
                world.after(core, 1_000);
                if (world.batch != null) {
                    core.batchDone(world.takeBatch(), down);
                }
            }
            assertThat(core.progress().settled().of(Fate.FAILED)).isLessThanOrEqualTo(Circuit.OPENS_AFTER);
            for (int second = 0; second < 120 && core.unsettled() > 0; second++) {
                world.after(core, 1_000);
                if (world.batch != null) {
                    core.batchDone(world.takeBatch(), null);
                }
            }
            assertThat(core.unsettled()).isZero();
        }
    }

    @Test
    void anEventThatBreaksEveryProbeDoesNotKeepTheCircuitOpen() {
        DeliveryCore core = lanes(OnFailure.DEAD_LETTER);
        stage.arrive("a", "b", "c", "d", "e", "f");
        DeliveryException down = DeliveryException.transientFailure("TIMEOUT", "no answer");
        stage.after(core, 1);
        while (!stage.running.isEmpty()) {
            core.failed(stage.running.removeFirst(), down);
            stage.after(core, 0);
        }
        assertThat(core.progress().holding()).contains("the circuit is open");

        for (int minute = 0; minute < 3; minute++) {
            stage.after(core, 31_000);
            for (Task task : List.copyOf(stage.running)) {
                stage.running.remove(task);
                if (CoreStage.text(task).equals("a")) {
                    core.failed(task, down);
                } else {
                    core.succeeded(task, null);
                }
            }
        }

        assertThat(core.progress().holding()).isEmpty();
        assertThat(core.progress().settled().of(Fate.DELIVERED)).isPositive();
    }

    @Test
    void probesNoEventBeforeAnEarlierOneOfItsKeyIsThrough() {
        DeliveryCore core = lanes(OnFailure.DEAD_LETTER);
        DeliveryException down = DeliveryException.transientFailure("TIMEOUT", "no answer");
        stage.arrive("a", "b", "c", "d", "e");
        stage.after(core, 1);
        while (!stage.running.isEmpty()) {
            core.failed(stage.running.removeFirst(), down);
        }
        stage.arrive("f1", "f2", "g1", "f3");
        List<String> probed = new ArrayList<>();
        for (int probe = 0; probe < 20; probe++) {
            stage.after(core, 31_000);
            probed.addAll(stage.texts());
            while (!stage.running.isEmpty()) {
                core.failed(stage.running.removeFirst(), down);
            }
        }
        assertThat(probed).contains("f1", "g1").doesNotContain("f2", "f3");

        List<String> delivered = new ArrayList<>();
        for (int round = 0; round < 20 && core.unsettled() > 0; round++) {
            stage.after(core, 31_000);
            delivered.addAll(stage.texts());
            while (!stage.running.isEmpty()) {
                core.succeeded(stage.running.removeFirst(), null);
            }
        }
        assertThat(delivered).contains("a", "b", "c", "d", "e", "g1").containsSubsequence("f1", "f2", "f3");
    }

    private DeliveryCore lanes(OnFailure policy) {
        return stage.core(new Work.Lanes(8, true, true), RETRY, policy, List.of("s->k"), List.of());
    }

    private DeliveryCore batches(OnFailure policy, RetryPolicy retry) {
        return stage.core(new Work.Batches(8), retry, policy, List.of("s->k"), List.of());
    }
}
