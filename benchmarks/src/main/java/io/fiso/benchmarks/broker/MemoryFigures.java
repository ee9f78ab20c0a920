// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import io.fiso.proto.broker.v1.AppendRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a broker takes of memory with nothing in it, while a million records wait, and while a million jobs do. Each in a process of its own. */
record MemoryFigures(Scale scale, Figures figures) {
    /** The first argument of such a process. */
    static final String CHILD = "memory-of";

    private enum What {
        NOTHING,
        RECORDS,
        JOBS
    }

    void measure() throws Exception {
        for (What what : What.values()) {
            try (Scratch scratch = Scratch.in(scale.root())) {
                String[] found = run(what, scratch.directory()).split(" ", -1);
                String name = switch (what) {
                    case NOTHING -> "an empty broker";
                    case RECORDS -> scale.records() + " records of 200 B wait";
                    case JOBS -> scale.records() + " jobs of 200 B wait";
                };
                figures.add(name + ": heap used after a full collection", Double.parseDouble(found[0]) / 1e6, "MB");
                figures.add(name + ": resident", Double.parseDouble(found[1]) / 1e6, "MB");
                figures.add(name + ": on disk", Double.parseDouble(found[2]) / 1e6, "MB");
            }
        }
        figures.print("memory of broker and client, heap bound as fisoctl's (256 MB)");
    }

    private String run(What what, Path directory) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(ProcessHandle.current().info().command().orElseThrow(), "-XX:+UseSerialGC", "-Xmx256m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PrimitiveBenchmark.class.getName()));
        command.addAll(List.of(CHILD, what.name(), directory.toString(), Integer.toString(scale.records())));
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader reader = child.inputReader(StandardCharsets.UTF_8)) {
            String found = reader.readLine();
            if (child.waitFor() != 0 || found == null) {
                throw new IllegalStateException("the process that was measured ended with " + child.exitValue());
            }
            return found;
        }
    }

    /** In the process that is measured: prints bytes of heap, resident bytes, and bytes on disk. */
    static void child(String[] args) throws IOException, InterruptedException {
        Path directory = Path.of(args[2]);
        int count = Integer.parseInt(args[3]);
        try (LoopbackBroker broker = LoopbackBroker.open(directory).withResources()) {
            switch (What.valueOf(args[1])) {
                case NOTHING -> {}
                case RECORDS -> append(broker, count);
                case JOBS -> QueueFigures.fill(broker.connection().queues(), count);
            }
            for (int i = 0; i < 3; i++) {
                System.gc();
                Thread.sleep(200);
            }
            System.out.println(
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() + " " + resident() + " "
                            + RetentionFigures.bytes(directory));
        }
    }

    private static void append(LoopbackBroker broker, int count) {
        AppendRequest.Builder request =
                AppendRequest.newBuilder().setStream(LoopbackBroker.STREAM).setPartition(0);
        for (int i = 0; i < BareStream.FILL_TOGETHER; i++) {
            request.addRecordsBuilder().setPayload(BareStream.PAYLOAD);
        }
        AppendRequest append = request.build();
        for (int done = 0; done < count; done += BareStream.FILL_TOGETHER) {
            broker.connection().streams().append(append);
        }
    }

    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElse(0);
    }
}
