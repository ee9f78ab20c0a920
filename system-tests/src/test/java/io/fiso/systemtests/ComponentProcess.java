// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A component as the operating system sees it: a process that has the component contract's variables in its environment.
 *
 * @param component its FISO_COMPONENT_ID
 * @param marked whether it carries the mark by which the driver knows its processes
 */
record ComponentProcess(long pid, String component, String run, boolean marked) {
    /** Those whose state lies under this directory. */
    static List<ComponentProcess> under(Path stateHome) {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.filter(entry -> entry.getFileName().toString().matches("[0-9]+"))
                    .map(entry -> read(entry, stateHome))
                    .flatMap(Optional::stream)
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Optional<ComponentProcess> read(Path entry, Path stateHome) {
        try {
            String text = Files.readString(entry.resolve("environ"), StandardCharsets.ISO_8859_1);
            Map<String, String> environment = Arrays.stream(text.split("\0"))
                    .filter(pair -> pair.startsWith("FISO_"))
                    .map(pair -> pair.split("=", 2))
                    .collect(Collectors.toMap(pair -> pair[0], pair -> pair.length == 2 ? pair[1] : "", (a, _) -> a));
            String run = environment.get("FISO_RUN_ID");
            if (run == null || !environment.getOrDefault("FISO_STATE_DIR", "").startsWith(stateHome.toString())) {
                return Optional.empty();
            }
            return Optional.of(new ComponentProcess(
                    Long.parseLong(entry.getFileName().toString()),
                    environment.getOrDefault("FISO_COMPONENT_ID", ""),
                    run,
                    environment.containsKey("FISO_LAUNCH")));
        } catch (IOException _) {
            // Gone meanwhile, or not ours to read.
            return Optional.empty();
        }
    }

    /** kill -9. */
    void kill() throws Exception {
        signal("KILL");
    }

    /** Sends a signal to this process alone. */
    void signal(String name) throws Exception {
        FisoctlProcess.kill(name, Long.toString(pid));
    }

    /** Whether it still runs: a process that was killed may be there for a moment without doing anything. */
    boolean isAlive() {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** What it holds of the machine's memory now. */
    long residentBytes() throws IOException {
        return statusNumber("VmRSS") * 1024;
    }

    /** How many threads of the operating system it has. */
    long threads() throws IOException {
        return statusNumber("Threads");
    }

    /** How many files, sockets and pipes it has open. */
    long fileDescriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return open.count();
        }
    }

    private long statusNumber(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow(() -> new IOException("process " + pid + " has no " + name));
    }
}
