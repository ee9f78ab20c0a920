// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes docs/benchmarks.md's table of what {@link TransformBenchmark} wrote with {@code -rf json -rff FILE}, and says which aims are met:
 *
 * <pre>
 * java -cp "benchmarks/target/*:benchmarks/target/lib/*:dist/target/fiso/lib/*" io.fiso.benchmarks.transform.TransformTable FILE
 * </pre>
 */
public final class TransformTable {
    private static final double AIM_EACH = 3;
    private static final double AIM_MEAN = 5;
    private static final double AIM_SPECIFIED = 0.5;
    private static final int AIM_ALLOCATION = 128;

    private final Map<Case, Map<Peer, Figure>> figures;

    private TransformTable(Map<Case, Map<Peer, Figure>> figures) {
        this.figures = figures;
    }

    /** What one peer needs for one event of one case. */
    private record Figure(double nanos, double error, double bytes) {}

    public static void main(String[] args) throws Exception {
        if (args.length != 1) {
            throw new IllegalArgumentException(
                    "expected one argument: the file that JMH wrote with -rf json -rff FILE");
        }
        System.out.print(read(Path.of(args[0])).print());
    }

    /** @throws IllegalArgumentException if a figure is missing, as it is when a peer failed */
    static TransformTable read(Path file) throws IOException {
        Map<Case, Map<Peer, Figure>> figures = new EnumMap<>(Case.class);
        for (JsonNode result : JsonMapper.shared().readTree(Files.readAllBytes(file))) {
            if (!result.path("benchmark").asString().endsWith(".TransformBenchmark.transform")) {
                continue;
            }
            JsonNode params = result.required("params");
            JsonNode metric = result.required("primaryMetric");
            JsonNode allocated = result.required("secondaryMetrics").get("gc.alloc.rate.norm");
            if (allocated == null) {
                throw new IllegalArgumentException("no allocation in \"" + file + "\"; run JMH with -prof gc");
            }
            figures.computeIfAbsent(Case.valueOf(params.required("example").asString()), _ -> new EnumMap<>(Peer.class))
                    .put(
                            Peer.valueOf(params.required("peer").asString()),
                            new Figure(
                                    metric.required("score").asDouble(),
                                    // JMH writes "NaN" for the error of too few samples.
                                    metric.required("scoreError").asDouble(Double.NaN),
                                    allocated.required("score").asDouble()));
        }
        for (Case example : Case.values()) {
            for (Peer peer : Peer.values()) {
                if (!figures.getOrDefault(example, Map.of()).containsKey(peer)) {
                    throw new IllegalArgumentException(
                            "no figure for " + example + " by " + peer + " in \"" + file + "\"; did it fail?");
                }
            }
        }
        return new TransformTable(figures);
    }

    String print() throws Exception {
        StringBuilder text = new StringBuilder();
        text.append("""
                | case | bytes in → out | (a) Fiso | (b) cel-java standard | (c) cel-java planner | (d) by hand | b/a | c/a | d/a | (a) allocates beyond its output |
                |---|---|---|---|---|---|---|---|---|---|
                """);
        for (Case example : Case.values()) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d → %,d | %s | %s | %s | %s | %.1f | %.1f | %.1f | %,.0f B |%n",
                    example.title(),
                    example.document().length,
                    outputSize(example),
                    nanos(example, Peer.FISO),
                    nanos(example, Peer.CEL_STANDARD),
                    nanos(example, Peer.CEL_PLANNER),
                    nanos(example, Peer.BY_HAND),
                    ratio(example, Peer.CEL_STANDARD),
                    ratio(example, Peer.CEL_PLANNER),
                    ratio(example, Peer.BY_HAND),
                    beyondOutput(example)));
        }
        text.append(String.format(
                Locale.ROOT,
                "| geometric mean | | | | | | %.1f | %.1f | %.1f | |%n%n",
                mean(e -> ratio(e, Peer.CEL_STANDARD)),
                mean(e -> ratio(e, Peer.CEL_PLANNER)),
                mean(e -> ratio(e, Peer.BY_HAND))));
        aims(text);
        return text.toString();
    }

    private void aims(StringBuilder text) throws Exception {
        text.append("| aim | worst | met in |\n|---|---|---|\n");
        aim(
                text,
                "b/a at least " + whole(AIM_EACH),
                "%.1f",
                lowest(e -> ratio(e, Peer.CEL_STANDARD)),
                count(e -> ratio(e, Peer.CEL_STANDARD) >= AIM_EACH),
                Case.values().length);
        double mean = mean(e -> ratio(e, Peer.CEL_STANDARD));
        aim(
                text,
                "b/a at least " + whole(AIM_MEAN) + " in the geometric mean",
                "%.1f",
                mean,
                mean >= AIM_MEAN ? 1 : 0,
                1);
        aim(
                text,
                "(a) at least as fast as (d)",
                "d/a %.1f",
                lowest(e -> ratio(e, Peer.BY_HAND)),
                count(e -> ratio(e, Peer.BY_HAND) >= 1),
                Case.values().length);
        for (Case example : Case.values()) {
            if (example.specifiedNanos().isPresent()) {
                double limit = example.specifiedNanos().getAsInt() * AIM_SPECIFIED;
                double nanos = figure(example, Peer.FISO).nanos();
                aim(
                        text,
                        example.title() + ": at most " + whole(limit) + " ns",
                        "%.0f ns",
                        nanos,
                        nanos <= limit ? 1 : 0,
                        1);
            }
        }
        double mostBeyond = Double.NEGATIVE_INFINITY;
        int frugal = 0;
        for (Case example : Case.values()) {
            mostBeyond = Math.max(mostBeyond, beyondOutput(example));
            frugal += beyondOutput(example) <= AIM_ALLOCATION ? 1 : 0;
        }
        aim(
                text,
                "(a) allocates at most its output + " + AIM_ALLOCATION + " B",
                "output + %,.0f B",
                mostBeyond,
                frugal,
                Case.values().length);
    }

    private static void aim(StringBuilder text, String aim, String format, double worst, long met, long of) {
        text.append(String.format(Locale.ROOT, "| %s | " + format + " | %d of %d |%n", aim, worst, met, of));
    }

    private Figure figure(Case example, Peer peer) {
        Figure figure = figures.getOrDefault(example, Map.of()).get(peer);
        if (figure == null) {
            throw new IllegalStateException("no figure for " + example + " by " + peer);
        }
        return figure;
    }

    private String nanos(Case example, Peer peer) {
        Figure figure = figure(example, peer);
        return Double.isNaN(figure.error())
                ? String.format(Locale.ROOT, "%,.0f", figure.nanos())
                : String.format(Locale.ROOT, "%,.0f ± %,.0f", figure.nanos(), figure.error());
    }

    /** How many times longer than this engine. */
    private double ratio(Case example, Peer peer) {
        return figure(example, peer).nanos() / figure(example, Peer.FISO).nanos();
    }

    private double beyondOutput(Case example) throws Exception {
        return figure(example, Peer.FISO).bytes() - outputSize(example);
    }

    private static int outputSize(Case example) throws Exception {
        return Peer.FISO.mapping(example).apply(example.event()).length;
    }

    private static double mean(ToDoubleFunction<Case> figure) {
        return Math.exp(Arrays.stream(Case.values())
                .mapToDouble(e -> Math.log(figure.applyAsDouble(e)))
                .average()
                .orElseThrow());
    }

    private static double lowest(ToDoubleFunction<Case> figure) {
        return Arrays.stream(Case.values()).mapToDouble(figure).min().orElseThrow();
    }

    private static long count(Predicate<Case> condition) {
        return Arrays.stream(Case.values()).filter(condition).count();
    }

    private static String whole(double number) {
        return String.format(Locale.ROOT, "%,.0f", number);
    }
}
