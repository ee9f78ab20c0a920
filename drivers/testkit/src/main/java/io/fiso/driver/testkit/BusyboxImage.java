// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** An image with a shell and the usual programs in it, made of this machine's static busybox: no registry is needed. */
public final class BusyboxImage {
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    private BusyboxImage() {}

    /**
     * Gives {@link DockerEngine#host} this image under each of these names ({@code repository:tag}). The test is skipped where there is no busybox, and
     * fails under {@code CI=true}.
     */
    public static void make(String... names) throws IOException, InterruptedException {
        if (!Files.isExecutable(BUSYBOX)) {
            DockerEngine.missing(BUSYBOX + " is missing (Debian and Ubuntu: apt-get install busybox-static)");
        }
        Path root = Files.createTempDirectory("fiso-busybox-");
        try {
            Path bin = Files.createDirectories(root.resolve("image/bin"));
            Files.createDirectories(root.resolve("image/usr"));
            Files.createSymbolicLink(root.resolve("image/usr/bin"), Path.of("../bin"));
            Files.copy(BUSYBOX, bin.resolve("busybox"));
            for (String program : output(BUSYBOX.toString(), "--list")) {
                if (!program.equals("busybox")) {
                    Files.createSymbolicLink(bin.resolve(program), Path.of("busybox"));
                }
            }
            Path tar = root.resolve("image.tar");
            output("tar", "--owner=0", "--group=0", "-C", root.resolve("image").toString(), "-cf", tar.toString(), ".");
            for (String name : names) {
                DockerEngine.importImage(name, tar);
            }
        } finally {
            try (Stream<Path> files = Files.walk(root)) {
                files.sorted(Comparator.reverseOrder()).forEach(BusyboxImage::delete);
            }
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = process.inputReader().readAllLines();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + process.exitValue());
        }
        return lines;
    }
}
