// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** An outside that does so many calls at once and queues the others, in virtual time. */
class AdaptiveParallelismTest {
    private static final long MILLIS = 1_000_000;
    private static final long SECONDS = 1_000 * MILLIS;

    private final AdaptiveParallelism parallelism = new AdaptiveParallelism(Parallelism.ADAPTIVE);
    private final Outside outside = new Outside();

    @Test
    void growsToItsBoundWhileMoreLanesBringMore() {
        outside.servers = 10_000;

        outside.runFor(5 * SECONDS, Integer.MAX_VALUE);

        assertThat(parallelism.limit()).isGreaterThan(128);
        assertThat(outside.answersPerSecond(5 * SECONDS))
                .as("200 per lane and second")
                .isGreaterThan(128 * 200 * 0.9);
    }

    @Test
    void staysNearWhatTheOutsideDoesAtOnce() {
        outside.servers = 40;

        outside.runFor(20 * SECONDS, Integer.MAX_VALUE);

        assertThat(outside.averageLimit(20 * SECONDS)).isBetween(32.0, 80.0);
        assertThat(outside.answersPerSecond(20 * SECONDS)).as("of 8 000").isGreaterThan(7_400);
    }

    @Test
    void shrinksWhenOnlyTheLatencyGrows() {
        outside.servers = 200;
        outside.runFor(20 * SECONDS, Integer.MAX_VALUE);
        assertThat(parallelism.limit()).isGreaterThan(100);

        outside.servers = 4;
        outside.runFor(120 * SECONDS, Integer.MAX_VALUE);

        assertThat(outside.averageLimit(20 * SECONDS)).isLessThan(16);
        assertThat(outside.answersPerSecond(20 * SECONDS)).as("of 800").isGreaterThan(720);
    }

    @Test
    void growsAgainWhenTheOutsideCanDoMore() {
        outside.servers = 4;
        outside.runFor(60 * SECONDS, Integer.MAX_VALUE);
        assertThat(parallelism.limit()).isLessThan(16);

        outside.servers = 100;
        outside.runFor(60 * SECONDS, Integer.MAX_VALUE);

        assertThat(outside.averageLimit(20 * SECONDS)).isGreaterThan(70);
    }

    @Test
    void leavesTheNumberAloneWhileItIsNotTheLimit() {
        outside.servers = 10_000;

        outside.runFor(20 * SECONDS, 6);

        assertThat(parallelism.limit()).isEqualTo(AdaptiveParallelism.FIRST);
    }

    @Test
    void doesNotSearchWhereCallsTakeNoTime() {
        outside.servers = 2;
        outside.callNanos = 20_000;

        outside.runFor(10 * SECONDS, Integer.MAX_VALUE);
        assertThat(parallelism.limit()).isEqualTo(AdaptiveParallelism.SWIFT);
        assertThat(outside.averageLimit(SECONDS)).isEqualTo(AdaptiveParallelism.SWIFT);

        outside.callNanos = 5 * MILLIS;
        outside.runFor(60 * SECONDS, Integer.MAX_VALUE);
        assertThat(outside.averageLimit(20 * SECONDS)).as("two at once").isLessThan(10);
    }

    @Test
    void takesFastFailuresForNoThroughput() {
        outside.servers = 10_000;
        outside.answersAtOnce = 12;

        outside.runFor(60 * SECONDS, Integer.MAX_VALUE);

        assertThat(outside.averageLimit(20 * SECONDS))
                .as("everything beyond 12 is refused at once")
                .isLessThan(40);
    }

    @Test
    void staysInsideItsBounds() {
        AdaptiveParallelism narrow = new AdaptiveParallelism(new Parallelism(2, 3));
        AdaptiveParallelism fixed = new AdaptiveParallelism(Parallelism.fixed(7));
        for (int i = 0; i < 100_000; i++) {
            narrow.finished(true, true, i * MILLIS);
            fixed.finished(true, true, i * MILLIS);
            assertThat(narrow.limit()).isBetween(2, 3);
            assertThat(fixed.limit()).isEqualTo(7);
        }
    }

    @Test
    void goesBackToWhatWasProvenWhenItIsInterrupted() {
        outside.servers = 40;
        outside.runFor(10 * SECONDS, Integer.MAX_VALUE);

        parallelism.interrupted();

        assertThat(parallelism.limit()).isBetween(20, 80);
    }

    /** Calls of 5 ms each, as many at once as it has servers; the others wait there for their turn, or are refused within 1 ms. */
    private final class Outside {
        private record Call(long end, boolean answered) {}

        private final SplittableRandom random = new SplittableRandom(7);
        private final PriorityQueue<Call> calls = new PriorityQueue<>(Comparator.comparingLong(Call::end));
        int servers;
        long callNanos = 5 * MILLIS;
        int answersAtOnce = Integer.MAX_VALUE;
        private long now;
        private int served;
        private int queued;
        private double rate;
        private double limits;

        void runFor(long nanos, int keys) {
            long end = now + nanos;
            long began = now;
            long answers = 0;
            double weighed = 0;
            while (now < end) {
                while (calls.size() + queued < Math.min(parallelism.limit(), keys)) {
                    start();
                }
                Call next = calls.remove();
                weighed += (double) parallelism.limit() * (next.end - now);
                now = next.end;
                boolean wanting = calls.size() + queued + 1 >= parallelism.limit() && keys > parallelism.limit();
                if (next.answered) {
                    answers++;
                    served--;
                }
                while (queued > 0 && served < servers) {
                    queued--;
                    serve();
                }
                parallelism.finished(next.answered, wanting, now);
            }
            rate = answers * 1e9 / (now - began);
            limits = weighed / (now - began);
        }

        double answersPerSecond(long nanos) {
            runFor(nanos, Integer.MAX_VALUE);
            return rate;
        }

        double averageLimit(long nanos) {
            runFor(nanos, Integer.MAX_VALUE);
            return limits;
        }

        private void start() {
            if (served >= answersAtOnce) {
                calls.add(new Call(now + MILLIS, false));
            } else if (served < servers) {
                serve();
            } else {
                queued++;
            }
        }

        private void serve() {
            served++;
            calls.add(new Call(now + (long) (callNanos * (0.8 + 0.4 * random.nextDouble())), true));
        }
    }
}
