// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * A chain of three processes at full speed: Fiso's generator → pass-through → null-sink, the same with a CEL mapping in the middle, and the
 * {@link StockChain} peer, one after the other in rounds, so that a change of the machine's speed meets all of them.
 *
 * <pre>
 * java -cp "benchmarks/target/classes:dist/target/fiso/lib/*" io.fiso.benchmarks.ChainBenchmark [rounds] [warm-up s] [measured s] [chain,...]
 * </pre>
 *
 * The chains are {@code pass-through}, {@code cel} and {@code stock}; all of them without that argument. Prints, per chain: events/s at the
 * sink, processor seconds per million events over the three processes and of each, and resident memory per process; the median over the
 * rounds, then ratios.
 */
public final class ChainBenchmark {
    private final Path home;
    private final Duration warmUp;
    private final Duration measured;

    private ChainBenchmark(Path home, Duration warmUp, Duration measured) {
        this.home = home;
        this.warmUp = warmUp;
        this.measured = measured;
    }

    /** What one chain did in one round. */
    private record Sample(double eventsPerSecond, List<Double> cpuSecondsPerMillion, List<Long> residentMegabytes) {
        double cpu() {
            return cpuSecondsPerMillion.stream().mapToDouble(each -> each).sum();
        }
    }

    /** A chain that can be run again and again. */
    private interface Chain {
        Sample run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
        Duration warmUp = Duration.ofSeconds(args.length > 1 ? Long.parseLong(args[1]) : 15);
        Duration measured = Duration.ofSeconds(args.length > 2 ? Long.parseLong(args[2]) : 10);
        Path home = Path.of(System.getProperty("fiso.dist", "dist/target/fiso")).toAbsolutePath();
        ChainBenchmark benchmark = new ChainBenchmark(home, warmUp, measured);

        Map<String, Chain> chains = new LinkedHashMap<>();
        chains.put("pass-through", () -> benchmark.fiso("type: pass-through-processor"));
        chains.put("cel", () -> benchmark.fiso("""
                type: cel-processor
                      config:
                        fields:
                          order_id: data.legacy_id
                          status: data.order_status
                          total: data.price * data.quantity"""));
        chains.put("stock", benchmark::stock);
        if (args.length > 3) {
            List<String> asked = List.of(args[3].split(","));
            if (!chains.keySet().containsAll(asked)) {
                throw new IllegalArgumentException("chains are " + chains.keySet() + ", not " + asked);
            }
            chains.keySet().retainAll(asked);
        }
        benchmark.run(rounds, chains);
    }

    private void run(int rounds, Map<String, Chain> chains) throws Exception {
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, Chain> chain : chains.entrySet()) {
                Sample sample = show(round, chain.getKey(), chain.getValue().run());
                samples.computeIfAbsent(chain.getKey(), name -> new ArrayList<>())
                        .add(sample);
            }
        }
        System.out.printf("%n%-14s %14s %18s%n", "median of " + rounds, "events/s", "CPU-s per million");
        samples.forEach(ChainBenchmark::line);
        List<Sample> stock = samples.remove("stock");
        if (stock != null) {
            samples.forEach((name, fiso) -> System.out.printf(
                    Locale.ROOT,
                    "%s against stock: %.2f times the events/s, %.2f times the CPU-s%n",
                    name,
                    rate(fiso) / rate(stock),
                    cpu(fiso) / cpu(stock)));
        }
    }

    private Sample show(int round, String name, Sample sample) {
        System.out.printf(
                Locale.ROOT,
                "round %d  %-14s %,12.0f events/s  %6.2f CPU-s/M, each %s  RSS MB %s%n",
                round,
                name,
                sample.eventsPerSecond(),
                sample.cpu(),
                sample.cpuSecondsPerMillion().stream()
                        .map(each -> String.format(Locale.ROOT, "%.2f", each))
                        .toList(),
                sample.residentMegabytes());
        return sample;
    }

    private static void line(String name, List<Sample> samples) {
        System.out.printf(Locale.ROOT, "%-14s %,14.0f %18.2f%n", name, rate(samples), cpu(samples));
    }

    private static double rate(List<Sample> samples) {
        return samples.stream().mapToDouble(Sample::eventsPerSecond).sorted().toArray()[samples.size() / 2];
    }

    private static double cpu(List<Sample> samples) {
        return samples.stream().mapToDouble(Sample::cpu).sorted().toArray()[samples.size() / 2];
    }

    private Sample fiso(String processor) throws Exception {
        Path work = Files.createTempDirectory("fiso-chain");
        Path file = work.resolve("chain.yaml");
        Files.writeString(file, """
                apiVersion: fiso.io/v1alpha1
                kind: Pipeline
                metadata: {name: chain}
                spec:
                  sources:
                    - id: source
                      type: generator-source
                  processors:
                    - id: middle
                      %s
                      inputs: [source]
                  sinks:
                    - id: sink
                      type: null-sink
                      inputs: [middle]
                """.formatted(processor));
        ProcessBuilder builder = new ProcessBuilder(
                home.resolve("bin/fisoctl").toString(), "run", file.toString(), "--grpc-port", "0", "--http-port", "0");
        builder.environment().put("FISO_STATE_HOME", work.resolve("state").toString());
        builder.redirectErrorStream(true).redirectOutput(work.resolve("run.out").toFile());
        Process fisoctl = builder.start();
        try (RunView view = RunView.await(work.resolve("state/pipelines/chain/control.json"), Duration.ofSeconds(60))) {
            Thread.sleep(warmUp);
            return measure(view.pids(), () -> view.eventsInto("sink"));
        } catch (Exception e) {
            throw new IllegalStateException(Files.readString(work.resolve("run.out")), e);
        } finally {
            fisoctl.destroy();
            fisoctl.waitFor();
            delete(work);
        }
    }

    private Sample stock() throws Exception {
        int sourcePort = freePort();
        int relayPort = freePort();
        List<Process> processes = new ArrayList<>();
        try {
            processes.add(stockRole("source", "" + sourcePort));
            processes.add(stockRole("relay", "" + relayPort, "" + sourcePort));
            Process sink = stockRole("sink", "" + relayPort);
            processes.add(sink);
            AtomicLong seen = new AtomicLong();
            Thread.ofVirtual().start(() -> follow(sink, seen));
            Thread.sleep(warmUp);
            return measure(processes.stream().map(Process::pid).toList(), seen::get);
        } finally {
            for (Process process : processes) {
                process.destroy();
                process.waitFor();
            }
        }
    }

    private static void follow(Process sink, AtomicLong seen) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(sink.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                seen.set(Long.parseLong(line));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process stockRole(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                StockChain.class.getName()));
        command.addAll(Arrays.asList(args));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** The events so far, read twice; what lies between the readings is the figure. */
    private interface Counter {
        long read() throws Exception;
    }

    private Sample measure(List<Long> pids, Counter counter) throws Exception {
        long[] cpuBefore = cpuNanos(pids);
        long eventsBefore = counter.read();
        long before = System.nanoTime();
        Thread.sleep(measured);
        long events = counter.read() - eventsBefore;
        double seconds = (System.nanoTime() - before) / 1e9;
        long[] cpu = cpuNanos(pids);
        return new Sample(
                events / seconds,
                IntStream.range(0, cpu.length)
                        .mapToObj(i -> (cpu[i] - cpuBefore[i]) / 1e3 / events)
                        .toList(),
                pids.stream().map(ChainBenchmark::residentMegabytes).toList());
    }

    private static long[] cpuNanos(List<Long> pids) {
        return pids.stream()
                .mapToLong(pid -> ProcessHandle.of(pid)
                        .orElseThrow(() -> new IllegalStateException("process " + pid + " has ended"))
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos())
                .toArray();
    }

    private static long residentMegabytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
