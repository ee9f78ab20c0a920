// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.transform.json.JsonFuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Guided by what the code has not done yet, a fuzzer looks for inputs on which the scanner and Jackson, or compiled code and interpreter, do not agree.
 * Each runs in a process of its own, the two at the same time. {@code -Dfiso.fuzz.minutes=} says for how long, {@code -Dfiso.fuzz.inputs=} instead how many
 * inputs, {@code -Dfiso.fuzz.seed=} where it starts. What it found becomes a file in {@code src/test/resources/fuzz}, where it starts from.
 */
class FuzzTest {
    private static final double MINUTES = Double.parseDouble(System.getProperty("fiso.fuzz.minutes", "0.5"));
    private static final long INPUTS = Long.getLong("fiso.fuzz.inputs", 0);
    private static final long SEED = Long.getLong("fiso.fuzz.seed", System.currentTimeMillis() % 1_000_000 + 1);
    private static final Path RESOURCES = Path.of("src/test/resources/fuzz").toAbsolutePath();

    /** Beyond its time, for starting, and on a machine that is busy with other things. */
    private static final long GRACE_SECONDS = 120;

    private static final Pattern EXECUTED = Pattern.compile("stat::number_of_executed_units:\\s*(\\d+)");
    private static final Pattern COVERED = Pattern.compile("cov: (\\d+)");

    /** Fewer would mean that it did not get going. */
    private static final long FEWEST = 100;

    @TempDir
    private Path directory;

    /**
     * @param name of its files
     * @param covered the classes whose branches guide it
     */
    private record Target(String name, Class<?> type, String covered, int longest) {}

    private record Running(Target target, Process process, Path output) {}

    @Test
    void nothingIsFound() throws Exception {
        System.out.println("seed " + SEED);
        var running = new ArrayList<Running>();
        try {
            running.add(start(new Target("json", JsonFuzzing.class, "io.fiso.transform.json.**", 200)));
            running.add(start(new Target("expressions", ExpressionFuzzing.class, "io.fiso.transform.**", 200)));
            for (var each : running) {
                await(each);
            }
        } finally {
            running.forEach(each -> each.process().destroyForcibly());
        }
    }

    private Running start(Target target) throws IOException {
        var own = Files.createDirectories(directory.resolve(target.name()));
        var corpus = Files.createDirectories(own.resolve("corpus"));
        var output = own.resolve("output");
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx700m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.type().getName(),
                "--instrumentation_includes=" + target.covered(),
                // What is generated is another class each time.
                "--instrumentation_excludes=io.fiso.transform.compiled.Expressions**",
                // Its detectors of attacks look for what this code does not do: it opens nothing and runs nothing.
                "--custom_hook_excludes=**",
                "-seed=" + SEED,
                "-max_len=" + target.longest(),
                "-timeout=60",
                "-rss_limit_mb=4096",
                "-print_final_stats=1",
                "-dict=" + RESOURCES.resolve(target.name() + ".dict"),
                INPUTS > 0 ? "-runs=" + INPUTS : "-max_total_time=" + (int) (MINUTES * 60)));
        command.add(corpus.toString());
        command.add(RESOURCES.resolve(target.name()).toString());
        var process = new ProcessBuilder(command)
                .directory(own.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new Running(target, process, output);
    }

    private static void await(Running running) throws Exception {
        if (INPUTS > 0) {
            running.process().waitFor();
        } else {
            assertThat(running.process().waitFor((long) (MINUTES * 60) + GRACE_SECONDS, TimeUnit.SECONDS))
                    .as("%s ends: %s", running.target().name(), end(running))
                    .isTrue();
        }
        var output = Files.readString(running.output(), UTF_8);
        var executed = EXECUTED.matcher(output);
        assertThat(running.process().exitValue()).as(end(running)).isZero();
        assertThat(executed.find()).as(end(running)).isTrue();
        long covered = COVERED.matcher(output)
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .max()
                .orElse(0);
        System.out.printf("%s: %s inputs, %d edges%n", running.target().name(), executed.group(1), covered);
        assertThat(Long.parseLong(executed.group(1))).as(end(running)).isGreaterThan(FEWEST);
    }

    private static String end(Running running) throws IOException {
        var output = Files.readString(running.output(), UTF_8);
        return output.substring(Math.max(0, output.length() - 6_000));
    }
}
