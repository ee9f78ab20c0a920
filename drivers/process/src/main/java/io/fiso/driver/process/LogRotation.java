// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps output files small: at most {@value #FILES} of {@value #FILE_MAX_BYTES} bytes each, the live one included.
 *
 * <p>Components append to their files themselves, with the operating system's redirection: their output must survive this process, and reading
 * it through a pipe would tie the data path to the control plane (guarantee D11). An open file cannot be taken from a process that appends to
 * it, so rotation copies and truncates; what is written in the instant between the two is lost, which is the price. While no control plane is
 * there nothing rotates, and files grow until one returns.
 */
final class LogRotation implements AutoCloseable {
    static final int FILES = 10;
    static final long FILE_MAX_BYTES = 10L * 1024 * 1024;
    private static final System.Logger LOG = System.getLogger(LogRotation.class.getName());

    private final Map<Object, List<Path>> files = new ConcurrentHashMap<>();
    private final long fileMaxBytes;
    private final Thread thread;

    LogRotation() {
        this(FILE_MAX_BYTES, Duration.ofSeconds(2));
    }

    LogRotation(long fileMaxBytes, Duration interval) {
        this.fileMaxBytes = fileMaxBytes;
        this.thread = Thread.ofVirtual().name("log-rotation").start(() -> run(interval));
    }

    /** Looks after the files of an instance until {@link #forget}; its successor, with the same files, is another owner. */
    void watch(Object owner, List<Path> owned) {
        files.put(owner, owned);
    }

    void forget(Object owner) {
        files.remove(owner);
    }

    private void run(Duration interval) {
        try {
            while (true) {
                Thread.sleep(interval);
                files.values().stream().flatMap(List::stream).distinct().forEach(this::rotateIfLarge);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Rotates a file that has outgrown its bound; a failure is logged and tried again later. */
    synchronized void rotateIfLarge(Path file) {
        try {
            if (Files.exists(file) && Files.size(file) >= fileMaxBytes) {
                rotate(file);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "output file not rotated file=" + file, e);
        }
    }

    private static void rotate(Path file) throws IOException {
        for (int age = FILES - 2; age >= 1; age--) {
            Path older = rotated(file, age);
            if (Files.exists(older)) {
                Files.move(older, rotated(file, age + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        try (FileChannel live = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                OutputStream copy = Files.newOutputStream(rotated(file, 1))) {
            Channels.newInputStream(live).transferTo(copy);
            live.truncate(0);
        }
    }

    static Path rotated(Path file, int age) {
        return file.resolveSibling(file.getFileName() + "." + age);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
