// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks;

import io.fiso.sdk.EventSink;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.runtime.ComponentRuntime;
import io.fiso.testkit.ComponentHarness;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * What lanes bring and what they cost: a source of 6 partitions and 1 200 keys and a sink, two whole components in this process, over gRPC.
 *
 * <ol>
 *   <li>With a sink that takes 5 ms per event: adaptive parallelism against one event at a time.
 *   <li>With a sink that takes no time: {@code ordering: key} against {@code none}, in pairs, the order within a pair alternating.
 * </ol>
 *
 * <pre>
 * java -cp "benchmarks/target/classes:sdk-java-testkit/target/classes:dist/target/fiso/lib/*" \
 *     io.fiso.benchmarks.LanesBenchmark [pairs] [warm-up s] [measured s]
 * </pre>
 */
public final class LanesBenchmark {
    private static final int PARTITIONS = 6;
    private static final int KEYS = 1_200;
    private static final int PAYLOAD_BYTES = 200;
    private static final int WARM_UP_RUNS = 6;
    private static final Duration SLOW = Duration.ofMillis(5);

    private final Duration warmUp;
    private final Duration measured;

    private LanesBenchmark(Duration warmUp, Duration measured) {
        this.warmUp = warmUp;
        this.measured = measured;
    }

    public static void main(String[] args) throws Exception {
        int pairs = args.length > 0 ? Integer.parseInt(args[0]) : 11;
        Duration warmUp = Duration.ofSeconds(args.length > 1 ? Long.parseLong(args[1]) : 4);
        Duration measured = Duration.ofSeconds(args.length > 2 ? Long.parseLong(args[2]) : 5);
        LanesBenchmark benchmark = new LanesBenchmark(warmUp, measured);
        benchmark.slowSink();
        benchmark.instantSink(pairs);
        // Netty's threads are daemons, the harness's may not be.
        System.exit(0);
    }

    private void slowSink() throws Exception {
        EventSink sink = _ -> Thread.sleep(SLOW);
        double one = rate(sink, "{\"parallelism\": 1}").eventsPerSecond;
        System.out.printf(Locale.ROOT, "5 ms sink, parallelism 1         %,12.0f events/s%n", one);
        double adaptive = rate(sink, "{\"parallelism\": \"adaptive\"}").eventsPerSecond;
        System.out.printf(Locale.ROOT, "5 ms sink, parallelism adaptive  %,12.0f events/s%n", adaptive);
        System.out.printf(Locale.ROOT, "  that is %.1f times (aim: 20)%n", adaptive / one);
    }

    private void instantSink(int pairs) throws Exception {
        EventSink sink = _ -> {};
        String byKey = "{\"ordering\": \"key\"}";
        String none = "{\"ordering\": \"none\"}";
        // Compilation belongs to neither.
        for (int run = 0; run < WARM_UP_RUNS; run++) {
            rate(sink, run % 2 == 0 ? byKey : none);
        }
        double[] ratios = new double[pairs];
        double[] processorRatios = new double[pairs];
        for (int pair = 0; pair < pairs; pair++) {
            boolean keyFirst = pair % 2 == 0;
            Sample first = rate(sink, keyFirst ? byKey : none);
            Sample second = rate(sink, keyFirst ? none : byKey);
            Sample key = keyFirst ? first : second;
            Sample unordered = keyFirst ? second : first;
            ratios[pair] = key.eventsPerSecond / unordered.eventsPerSecond;
            processorRatios[pair] = key.cpuSecondsPerMillion / unordered.cpuSecondsPerMillion;
            System.out.printf(
                    Locale.ROOT,
                    "instant sink, pair %2d: key %,9.0f events/s %5.2f CPU-s/M   none %,9.0f %5.2f   key/none %.3f, CPU %.3f%n",
                    pair + 1,
                    key.eventsPerSecond,
                    key.cpuSecondsPerMillion,
                    unordered.eventsPerSecond,
                    unordered.cpuSecondsPerMillion,
                    ratios[pair],
                    processorRatios[pair]);
        }
        System.out.printf(
                Locale.ROOT,
                "instant sink: ordering by key costs %.1f %% of the events/s (aim: at most 10 %%) and %.1f %% more processor time, "
                        + "medians of %d pairs%n",
                (1 - median(ratios)) * 100,
                (median(processorRatios) - 1) * 100,
                pairs);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** What reached the sink; processor time is that of this whole process, source and sink. */
    private record Sample(double eventsPerSecond, double cpuSecondsPerMillion) {}

    private static long cpuNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(Duration::toNanos)
                .orElse(0L);
    }

    /** Runs this sink, with these settings of its config file. */
    private Sample rate(EventSink sink, String settings) throws Exception {
        Path directory = Files.createTempDirectory("fiso-lanes");
        LongAdder delivered = new LongAdder();
        EventSink counting = event -> {
            sink.deliver(event);
            delivered.increment();
        };
        try (ComponentHarness harness = new ComponentHarness(directory, "keys->out")) {
            harness.start("keys", new Keys(), "{}");
            harness.start("out", ComponentRuntime.of(counting, harness.environment("out", "{}", settings)));
            Thread.sleep(warmUp);
            long before = delivered.sum();
            long cpuBefore = cpuNanos();
            long began = System.nanoTime();
            Thread.sleep(measured);
            long events = delivered.sum() - before;
            double cpuSeconds = (cpuNanos() - cpuBefore) / 1e9;
            return new Sample(events * 1e9 / (System.nanoTime() - began), cpuSeconds * 1e6 / Math.max(1, events));
        } finally {
            delete(directory);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Emits without end, the partitions in turn. */
    private static final class Keys implements EventSource {
        private final byte[] payload = "x".repeat(PAYLOAD_BYTES).getBytes(StandardCharsets.UTF_8);

        @Override
        public void run(SourceContext context) throws InterruptedException {
            byte[][] keys = new byte[KEYS][];
            for (int key = 0; key < KEYS; key++) {
                keys[key] = ("key-" + key).getBytes(StandardCharsets.UTF_8);
            }
            String[] partitions = new String[PARTITIONS];
            for (int partition = 0; partition < PARTITIONS; partition++) {
                partitions[partition] = "p" + partition;
            }
            for (long n = 0; !context.stopping(); n++) {
                int key = (int) (n % KEYS);
                WireEvent event = WireEvent.builder()
                        .id(Long.toString(n))
                        .source("/keys")
                        .type("key")
                        .data(payload)
                        .build();
                context.emit(SourceEvent.of(event, partitions[key % PARTITIONS], n, keys[key], null));
            }
        }
    }
}
