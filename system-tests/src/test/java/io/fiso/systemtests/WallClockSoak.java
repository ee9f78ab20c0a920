// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The wall clock of every process of a pipeline, its control plane's too, jumps an hour forward and back under load (F23). The source is one
 * of ours: the Kafka client has timers of its own on the wall clock.
 */
@ExtendWith(Sandbox.Extension.class)
class WallClockSoak {
    private static final Duration JUMP = Duration.ofHours(1);
    private static final Duration BETWEEN_JUMPS = Duration.ofSeconds(8);
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(500);
    /** Far from an hour, and generous to a busy machine. */
    private static final Duration LATE_MAX = Duration.ofSeconds(10);

    private static final int RATE = 100;
    /** Every so many events one is refused at first, so that retry timers run at every moment. */
    private static final int REFUSED_EVERY = 20;

    @Test
    void f23_leasesTimersAndRetriesFollowMonotonicTime(Sandbox sandbox) throws Exception {
        SteppedClock clock = SteppedClock.in(sandbox);
        clock.forControlPlane(sandbox);
        long seed = SoakTime.seed();
        System.out.println("f23: seed " + seed);
        Random random = new Random(seed);
        Map<String, Long> refusedAt = new ConcurrentHashMap<>();
        Set<String> arrived = ConcurrentHashMap.newKeySet();
        AtomicInteger requests = new AtomicInteger();
        AtomicInteger arrivals = new AtomicInteger();
        AtomicInteger moved = new AtomicInteger();
        Set<Long> waitsMillis = ConcurrentHashMap.newKeySet();
        try (HttpStub stub = HttpStub.start()) {
            stub.keepNothing();
            stub.script(request -> {
                String id = request.event().path("id").asString();
                Long before = refusedAt.remove(id);
                if (before == null && requests.incrementAndGet() % REFUSED_EVERY == 0) {
                    refusedAt.put(id, System.nanoTime());
                    return HttpStub.Answer.status(503);
                }
                if (before != null) {
                    waitsMillis.add(Duration.ofNanos(System.nanoTime() - before).toMillis());
                }
                Instant made = Instant.parse(request.data().path("at").asString());
                if (Duration.between(made, Instant.now()).abs().compareTo(JUMP.dividedBy(2)) > 0) {
                    moved.incrementAndGet();
                }
                arrived.add(id);
                arrivals.incrementAndGet();
                return HttpStub.Answer.OK;
            });
            FisoctlProcess run = sandbox.run(PipelineFile.named("jumping")
                    .source("made", "generator-source", "{rate: " + RATE + ", keys: 50}")
                    .processor("stamped", "cel-processor", "{fields: {at: now()}}", "made")
                    .sink("callback", "http-sink", "{url: \"" + stub.url() + "\"}", "stamped")
                    .of("made", clock.environment())
                    .of("stamped", clock.environment())
                    .of("callback", clock.environment())
                    .errorHandling("{backoff: constant, jitter: 0, initialInterval: " + RETRY_INTERVAL.toMillis()
                            + "ms, maxInterval: 1s}"));
            sandbox.awaitState("jumping", "RUNNING");
            Eventually.until(Sandbox.PATIENCE, () -> arrivals.get() > 200, () -> "load" + run + sandbox.logs());
            Set<Long> processes = processes(sandbox);

            SoakTime.Deadline end = SoakTime.begin();
            int jumps = 0;
            for (int hours = 0; !end.passed(); jumps++) {
                // Each jump is one hour or two, forward or back; never none.
                int next = random.nextInt(2) == 0 ? (hours + 2) % 3 - 1 : (hours + 3) % 3 - 1;
                clock.moveTo(JUMP.multipliedBy(next));
                hours = next;
                int before = arrivals.get();
                long jumpedAt = System.nanoTime();
                Eventually.until(
                        LATE_MAX.multipliedBy(2),
                        () -> arrivals.get() > before + RATE && System.nanoTime() - jumpedAt > BETWEEN_JUMPS.toNanos(),
                        () -> "data after a jump to " + next + " h (seed " + seed + ")" + run + sandbox.logs());
                RunReport report = sandbox.report("jumping").orElseThrow();
                assertThat(report.state())
                        .as("after a jump to %s h (seed %s): %s", next, seed, report)
                        .isEqualTo("RUNNING");
                for (String component : Set.of("made", "stamped", "callback")) {
                    assertThat(report.health(component))
                            .as("%s: %s", component, report)
                            .isEqualTo("HEALTHY");
                }
                assertThat(processes(sandbox)).as("nothing is restarted").isEqualTo(processes);
            }
            clock.moveTo(Duration.ZERO);
            run.controlC();
            run.expectExit(0, Duration.ofSeconds(40));

            assertThat(moved)
                    .as("events stamped with a time that is an hour off: the clock did jump")
                    .hasPositiveValue();
            assertThat(arrivals.get()).as("arrivals, each once").isEqualTo(arrived.size());
            assertThat(waitsMillis)
                    .as("waits before a retry")
                    .isNotEmpty()
                    .allSatisfy(wait -> assertThat(wait).isBetween(RETRY_INTERVAL.toMillis(), LATE_MAX.toMillis()));
            assertThat(refusedAt).as("refused and not tried again").isEmpty();
            sandbox.audit("jumping").expect(AuditReport.Sum.delivered(arrived.size()));
            System.out.println("f23: " + jumps + " jumps, " + arrivals + " arrivals, waits before a retry "
                    + new TreeSet<>(waitsMillis).getFirst() + "–" + new TreeSet<>(waitsMillis).getLast() + " ms");
        }
    }

    private static Set<Long> processes(Sandbox sandbox) {
        return sandbox.components().stream().map(ComponentProcess::pid).collect(Collectors.toSet());
    }
}
