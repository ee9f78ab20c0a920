// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What one JVM holds of the machine over time, and whether that grows. */
final class ProcessVitals {
    /** Makes a JVM keep book of what it allocates outside its heap. */
    static final String JVM_OPTION = "-XX:NativeMemoryTracking=summary";

    private static final int SAMPLES_MIN = 6;
    private static final Pattern HEAP = Pattern.compile("\\btotal [^\\n]*?\\bused (\\d+)K");
    /** Where the book has direct buffers. */
    private static final Pattern DIRECT = Pattern.compile("\\n-\\s+Other \\(reserved=\\d+KB, committed=(\\d+)KB\\)");

    /** What is measured, and what it may grow by over a whole soak without being a leak. */
    enum Vital {
        HEAP_BYTES(12L << 20),
        DIRECT_BYTES(12L << 20),
        FILE_DESCRIPTORS(24),
        THREADS(16);

        private final long slack;

        Vital(long slack) {
            this.slack = slack;
        }
    }

    private final String name;
    private final long pid;
    private final List<Map<Vital, Long>> samples = new ArrayList<>();

    ProcessVitals(String name, long pid) {
        this.name = name;
        this.pid = pid;
    }

    long pid() {
        return pid;
    }

    /** Looks at it now; the heap is what is left after a collection. */
    void sample() throws Exception {
        command("GC.run");
        Map<Vital, Long> sample = new EnumMap<>(Vital.class);
        sample.put(Vital.HEAP_BYTES, sum(HEAP, command("GC.heap_info")) * 1024);
        sample.put(Vital.DIRECT_BYTES, sum(DIRECT, command("VM.native_memory", "summary")) * 1024);
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            sample.put(Vital.FILE_DESCRIPTORS, open.count());
        }
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            sample.put(Vital.THREADS, tasks.count());
        }
        samples.add(sample);
    }

    /** The last third is not above the middle one; the first is for warming up. */
    void expectFlat() {
        assertThat(samples).as("samples of %s", name).hasSizeGreaterThanOrEqualTo(SAMPLES_MIN);
        int third = samples.size() / 3;
        for (Vital vital : Vital.values()) {
            List<Long> values =
                    samples.stream().map(sample -> sample.get(vital)).toList();
            long middle = values.subList(third, 2 * third).stream()
                    .mapToLong(Long::longValue)
                    .max()
                    .orElseThrow();
            long[] last = values.subList(2 * third, values.size()).stream()
                    .mapToLong(Long::longValue)
                    .sorted()
                    .toArray();
            assertThat(last[last.length / 2])
                    .as("%s of %s, the median at the end, over time: %s", vital, name, values)
                    .isLessThanOrEqualTo(middle + vital.slack);
        }
    }

    @Override
    public String toString() {
        return name + ": " + samples.getFirst() + " … " + samples.getLast();
    }

    private String command(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid)));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(String.join(" ", command) + ": " + text);
        }
        return text;
    }

    private static long sum(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        long sum = 0;
        boolean found = false;
        while (matcher.find()) {
            sum += Long.parseLong(matcher.group(1));
            found = true;
        }
        if (!found) {
            throw new AssertionError("nothing like " + pattern + " in\n" + text);
        }
        return sum;
    }
}
