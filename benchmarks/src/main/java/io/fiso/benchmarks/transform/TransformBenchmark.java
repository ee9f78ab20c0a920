// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds per event, JSON bytes in and JSON bytes out: every {@link Case} by every {@link Peer}, each in JVMs of its own.
 *
 * <pre>
 * java -cp "benchmarks/target/*:benchmarks/target/lib/*:dist/target/fiso/lib/*" org.openjdk.jmh.Main Transform -prof gc
 * </pre>
 *
 * <p>{@link TransformTable} makes the table of it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 3,
        jvmArgs = {"-XX:+UseSerialGC", "-Xms256m", "-Xmx256m", "--sun-misc-unsafe-memory-access=allow"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class TransformBenchmark {
    @Param
    Case example = Case.SIMPLE;

    @Param
    Peer peer = Peer.FISO;

    private OrderEvent event = new OrderEvent(new byte[0]);
    private Mapping mapping = _ -> new byte[0];

    /**
     * A figure counts only if the work was done: what the peer makes must say the same as what was written by hand, so in a whole run all
     * four agree. Only these two run in one JVM, lest the others' classes change what the compiler can assume.
     */
    @Setup
    public void prepare() throws Exception {
        event = example.event();
        mapping = peer.mapping(example);
        byte[] made = mapping.apply(event);
        byte[] expected = Peer.BY_HAND.mapping(example).apply(event);
        if (!PeerJson.same(made, expected)) {
            throw new IllegalStateException(example + " by " + peer + " gives "
                    + new String(made, StandardCharsets.UTF_8) + " instead of "
                    + new String(expected, StandardCharsets.UTF_8));
        }
    }

    @Benchmark
    public byte[] transform() throws Exception {
        return mapping.apply(event);
    }
}
