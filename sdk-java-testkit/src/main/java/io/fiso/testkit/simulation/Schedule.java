// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.OnFailure;
import io.fiso.sdk.delivery.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What one simulation does: drawn from a seed, and nothing else.
 *
 * @param seed the seed
 * @param topology the shape
 * @param replicas how many replicas each component has
 * @param events how many events each source has
 * @param keys how many order keys each source has
 * @param partitions how many partitions each source has
 * @param fixedPartitions whether each partition belongs to one replica of a source for good, as files do, or moves, as in a group
 * @param windowEvents the window per edge
 * @param maxSpan the bound per partition
 * @param parallelism of lanes
 * @param inline whether processors run on the core's thread
 * @param batches whether sinks take batches
 * @param poisonPerMille how many events fail for good at some component
 * @param filteredPerMille how many events a rule decides against
 * @param flakyPerMille how many attempts fail transiently
 * @param onFailure what processors and sinks do with what they give up on
 * @param retry how failures are tried again
 * @param paceNanos how far apart the events of a partition come in; 0 if all are there at once
 * @param breaker whether sources pause by themselves when too much fails
 * @param replays whether dead letters are given in again when all is over
 * @param faults what goes wrong
 */
public record Schedule(
        long seed,
        Topology topology,
        List<Integer> replicas,
        int events,
        int keys,
        int partitions,
        boolean fixedPartitions,
        int windowEvents,
        int maxSpan,
        int parallelism,
        boolean inline,
        boolean batches,
        int poisonPerMille,
        int filteredPerMille,
        int flakyPerMille,
        OnFailure onFailure,
        RetryPolicy retry,
        long paceNanos,
        boolean breaker,
        boolean replays,
        List<Fault> faults) {
    static final long MILLIS = 1_000_000;
    private static final int EVENTS_MIN = 200;
    private static final int FAULTS_MIN = 3;
    private static final int REPLICAS_MAX = 3;
    private static final RetryPolicy QUICK =
            new RetryPolicy(4, RetryPolicy.Backoff.EXPONENTIAL, Duration.ofNanos(500_000), Duration.ofMillis(4), 0.2);

    private static OnFailure onFailure(int drawn) {
        return switch (drawn) {
            case 0, 1 -> OnFailure.HOLD;
            case 2 -> OnFailure.SKIP;
            case 3 -> OnFailure.FAIL;
            default -> OnFailure.DEAD_LETTER;
        };
    }

    /** Draws a schedule with at least 200 events and three faults. */
    static Schedule draw(long seed, RandomGenerator random) {
        Topology topology = Topology.values()[random.nextInt(Topology.values().length)];
        int sources = topology == Topology.FAN_IN ? 2 : 1;
        int events = (EVENTS_MIN + random.nextInt(60)) / sources + 1;
        List<Fault> faults = new ArrayList<>();
        int count = FAULTS_MIN + random.nextInt(5);
        boolean lonely = random.nextInt(5) == 0;
        long from = MILLIS;
        if (lonely) {
            // Long enough and alone, so that it shows whether data flows.
            faults.add(new Fault(
                    Fault.Kind.CONTROL_PLANE_AWAY,
                    12 * MILLIS + random.nextLong(4 * MILLIS),
                    13 * MILLIS + random.nextLong(5 * MILLIS),
                    0,
                    0));
            from = 35 * MILLIS;
        }
        while (faults.size() < count) {
            Fault.Kind kind = Fault.Kind.values()[random.nextInt(Fault.Kind.values().length)];
            faults.add(new Fault(
                    kind,
                    from + random.nextLong(50 * MILLIS),
                    MILLIS + random.nextLong(30 * MILLIS),
                    random.nextInt(topology.components().size()),
                    random.nextInt(REPLICAS_MAX)));
        }
        boolean replicated = random.nextBoolean();
        List<Integer> replicas = new ArrayList<>();
        for (int i = 0; i < topology.components().size(); i++) {
            replicas.add(replicated && random.nextInt(5) < 2 ? 2 + random.nextInt(REPLICAS_MAX - 1) : 1);
        }
        int window = 4 << random.nextInt(5);
        return new Schedule(
                seed,
                topology,
                List.copyOf(replicas),
                events,
                1 + random.nextInt(12),
                1 + random.nextInt(3),
                random.nextInt(3) == 0,
                window,
                8 << random.nextInt(6),
                1 + random.nextInt(6),
                random.nextBoolean(),
                random.nextInt(3) == 0,
                random.nextInt(3) == 0 ? 0 : random.nextInt(40),
                random.nextInt(3) == 0 ? 0 : random.nextInt(100),
                random.nextInt(3) == 0 ? 0 : random.nextInt(120),
                onFailure(random.nextInt(10)),
                QUICK,
                0,
                random.nextBoolean(),
                random.nextInt(3) == 0,
                List.copyOf(faults));
    }
}
