// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What transforms cost before the JVM is warm, each in fresh processes: the first event of a compiled transform, with the flags of cel-processor, with and without
 * a class cache made as components' caches are made; and {@code fisoctl validate} of a pipeline with 50 expressions. Prints medians.
 *
 * <pre>
 * java -cp "benchmarks/target/*:benchmarks/target/lib/*:dist/target/fiso/lib/*" io.fiso.benchmarks.transform.StartBenchmark [forks]
 * </pre>
 */
public final class StartBenchmark {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /** What the process driver and cel-processor's descriptor give a component, Netty's settings aside. */
    private static final List<String> FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-Xmx96m",
            "-Xmn24m",
            "-XX:TrimNativeHeapInterval=5000",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xshare:auto",
            "-Xlog:disable",
            "-Xlog:all=warning,cds*=off,aot*=off:stderr",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private static final List<Case> CASES = List.of(Case.ARITHMETIC, Case.TWELVE_FIELDS, Case.LISTS);

    private final int forks;
    private final Path home;
    private final Path work;

    private StartBenchmark(int forks, Path home, Path work) {
        this.forks = forks;
        this.home = home;
        this.work = work;
    }

    /** One process: milliseconds for compiling, for the first event, and from start to end. */
    private record Start(double compile, double first, double process) {}

    public static void main(String[] args) throws Exception {
        int forks = args.length > 0 ? Integer.parseInt(args[0]) : 11;
        Path home = Path.of(System.getProperty("fiso.dist", "dist/target/fiso")).toAbsolutePath();
        Path work = Files.createTempDirectory("fiso-start");
        try {
            StartBenchmark benchmark = new StartBenchmark(forks, home, work);
            System.out.printf(
                    "first event, median of %d fresh JVMs, ms%n%n"
                            + "| case | class cache | compiling | first event to first output | process |%n|---|---|---|---|---|%n",
                    forks);
            for (Case example : CASES) {
                benchmark.firstEvent(example);
            }
            benchmark.validate();
        } finally {
            delete(work);
        }
    }

    private void firstEvent(Case example) throws Exception {
        Path document = Files.write(work.resolve(example + ".json"), example.document());
        Path list = work.resolve(example + ".classes");
        Path cache = work.resolve(example + ".aot");
        start(example, document, "-XX:DumpLoadedClassList=" + list);
        makeCache(list, cache);
        List<Start> without = new ArrayList<>();
        List<Start> with = new ArrayList<>();
        for (int i = 0; i < forks; i++) {
            without.add(start(example, document));
            with.add(start(example, document, "-XX:SharedArchiveFile=" + cache));
        }
        line(example, "none", without);
        line(example, "yes", with);
    }

    private static void line(Case example, String cache, List<Start> starts) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %s | %.0f | %.1f | %.0f |%n",
                example.title(),
                cache,
                median(starts, Start::compile),
                median(starts, Start::first),
                median(starts, Start::process));
    }

    private Start start(Case example, Path document, String... cacheFlags) throws Exception {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(FLAGS);
        command.addAll(List.of(cacheFlags));
        command.addAll(List.of("-cp", classPath(), FirstEvent.class.getName(), document.toString()));
        example.fields().forEach((name, expression) -> command.addAll(List.of(name, expression)));
        long begin = System.nanoTime();
        List<String> lines = run(command, Map.of()).lines().toList();
        double process = (System.nanoTime() - begin) / 1e6;
        byte[] expected = Peer.BY_HAND.mapping(example).apply(example.event());
        if (lines.size() != 3 || !PeerJson.same(lines.get(2).getBytes(StandardCharsets.UTF_8), expected)) {
            throw new IllegalStateException(example + " gave " + lines);
        }
        return new Start(Long.parseLong(lines.get(0)) / 1e3, Long.parseLong(lines.get(1)) / 1e3, process);
    }

    /** As the process driver does it. */
    private void makeCache(Path list, Path cache) throws Exception {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(FLAGS);
        command.addAll(List.of(
                "-Xlog:disable",
                "-Xshare:dump",
                "-XX:+AOTClassLinking",
                "-XX:SharedClassListFile=" + list,
                "-XX:SharedArchiveFile=" + cache,
                "-cp",
                classPath()));
        run(command, Map.of());
        if (!Files.exists(cache)) {
            throw new IllegalStateException("no class cache was made");
        }
    }

    /** cel-processor's own class path, and this program behind it. Caches know jars only. */
    private String classPath() throws Exception {
        Path own = Path.of(StartBenchmark.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        if (Files.isDirectory(own)) {
            throw new IllegalStateException(
                    "run this from the jar in benchmarks/target, not from classes in \"" + own + "\"");
        }
        return home.resolve("components/cel-processor/cel-processor.jar") + ":" + own;
    }

    private void validate() throws Exception {
        Path file = Files.writeString(work.resolve("fifty.yaml"), pipelineOf(50));
        Path caches = Files.createDirectories(work.resolve("caches"));
        List<Double> cold = new ArrayList<>();
        List<Double> warm = new ArrayList<>();
        validate(file, Map.of("XDG_CACHE_HOME", caches.toString()));
        awaitCache(caches);
        for (int i = 0; i < forks; i++) {
            cold.add(validate(file, Map.of("FISO_AOT", "off")));
            warm.add(validate(file, Map.of("XDG_CACHE_HOME", caches.toString())));
        }
        System.out.printf(
                Locale.ROOT,
                "%nfisoctl validate, 50 expressions, median of %d: %.0f ms warm (AOT cache made), %.0f ms without a cache%n",
                forks,
                median(warm, Double::doubleValue),
                median(cold, Double::doubleValue));
    }

    private double validate(Path file, Map<String, String> environment) throws Exception {
        long begin = System.nanoTime();
        run(List.of(home.resolve("bin/fisoctl").toString(), "validate", file.toString()), environment);
        return (System.nanoTime() - begin) / 1e6;
    }

    /** fisoctl makes its cache behind its user's back. */
    private static void awaitCache(Path caches) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Stream<Path> files = Files.walk(caches)) {
                List<String> names = files.map(Path::toString).toList();
                if (names.stream().anyMatch(name -> name.endsWith(".aot"))
                        && names.stream().noneMatch(name -> name.endsWith(".making"))) {
                    return;
                }
            } catch (UncheckedIOException _) {
                // A file went away while they were listed.
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("fisoctl made no cache in " + PATIENCE.toSeconds() + " s");
            }
            Thread.sleep(100);
        }
    }

    /** All different, so that nothing is checked once for many. */
    private static String pipelineOf(int expressions) {
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < expressions; i++) {
            String expression = switch (i % 5) {
                case 0 -> "data.price_%1$d * data.quantity_%1$d + %1$d";
                case 1 -> "data.quantity_%1$d > %1$d ? 'large' : 'small'";
                case 2 -> "'order ' + data.legacy_id_%1$d + ' of ' + data.customer.name.upperAscii()";
                case 3 -> "has(data.coupon_%1$d) && data.customer.tier in ['premium', 'gold']";
                default -> "data.items_%1$d.filter(i, i.price > %1$d).map(i, i.sku)";
            };
            fields.append("          field_")
                    .append(i)
                    .append(": \"")
                    .append(String.format(Locale.ROOT, expression, i))
                    .append("\"\n");
        }
        return """
                apiVersion: fiso.io/v1alpha1
                kind: Pipeline
                metadata: {name: fifty}
                spec:
                  sources:
                    - {id: orders, type: generator-source}
                  processors:
                    - id: normalize
                      type: cel-processor
                      inputs: [orders]
                      config:
                        fields:
                %s  sinks:
                    - {id: out, type: null-sink, inputs: [normalize]}
                """.formatted(fields);
    }

    private String run(List<String> command, Map<String, String> environment) throws Exception {
        Path output = work.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        builder.environment().put("FISO_JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("took longer than " + PATIENCE.toSeconds() + " s: " + command);
        }
        String text = Files.readString(output);
        if (process.exitValue() != 0) {
            throw new IllegalStateException("exit status " + process.exitValue() + " of " + command + ": " + text);
        }
        return text;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static <T> double median(List<T> samples, ToDoubleFunction<T> figure) {
        return samples.stream().mapToDouble(figure).sorted().toArray()[samples.size() / 2];
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
