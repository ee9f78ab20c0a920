// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.broker;

import io.fiso.broker.catalogue.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** What is on the disk before and after retention by count has let nine tenths of a stream go, once the store has cleaned up in its background. */
record RetentionFigures(Scale scale, Figures figures) {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** The store looks every half minute whether there is something to clean, and lets deleted files lie for some seconds. */
    private static final Duration QUIET = Duration.ofSeconds(60);

    void measure() throws Exception {
        int keep = scale.records() / 10;
        Settings.Retention retention =
                new Settings.Retention(Optional.empty(), OptionalLong.empty(), OptionalLong.of(keep), false);
        try (Scratch scratch = Scratch.in(scale.root());
                BareStream stream = BareStream.open(scratch.directory(), retention)) {
            stream.fill(scale.records());
            figures.add("before", bytes(scratch.directory()) / 1e6, "MB");
            long begin = System.nanoTime();
            int segments = stream.streams().retain();
            figures.add("retention itself, " + segments + " segments", (System.nanoTime() - begin) / 1e6, "ms");
            long after = settled(scratch.directory());
            figures.add("after", after / 1e6, "MB");
            figures.add("records kept", kept(stream), "records");
            figures.add("payload kept", kept(stream) * BareStream.PAYLOAD_BYTES / 1e6, "MB");
        }
        figures.print(scale.records() + " records, of which " + keep + " are to be kept");
    }

    private static double kept(BareStream stream) {
        return stream.streams()
                .describe(BareStream.NAME)
                .partitions()
                .getFirst()
                .records();
    }

    /** The bytes when they have not changed for a while. */
    private static long settled(Path directory) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long bytes = bytes(directory);
        long since = System.nanoTime();
        while (System.nanoTime() - since < QUIET.toNanos() && System.nanoTime() - deadline < 0) {
            Thread.sleep(500);
            long now = bytes(directory);
            if (now != bytes) {
                bytes = now;
                since = System.nanoTime();
            }
        }
        return bytes;
    }

    static long bytes(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(RetentionFigures::size)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of one that may just have been deleted. */
    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (NoSuchFileException _) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
