// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import io.fiso.driver.DriverException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Follows the output of one container into its files, on a platform thread of its own, until the container has ended and all is written. It survives
 * the engine's absence, and takes over from another follower when that one leaves.
 */
final class OutputFollower implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OutputFollower.class.getName());
    private static final Duration TURN_POLL = Duration.ofMillis(100);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration LEAVE_MAX = Duration.ofSeconds(5);
    /** Engines cut lines at 16 KiB; anything far beyond is no entry. */
    private static final int ENTRY_MAX_BYTES = 16 * 1024 * 1024;

    private static final int HEADER_BYTES = 8;

    private final Engine engine;
    private final Containers containers;
    private final String container;
    private final Path cursor;
    /** Standard output, standard error. */
    private final List<Path> files;

    private final CountDownLatch left = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean closed;

    OutputFollower(Engine engine, String container, Path cursor, Path out, Path log) {
        this.engine = engine;
        this.containers = new Containers(engine);
        this.container = container;
        this.cursor = cursor;
        this.files = List.of(out, log);
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("output-" + container.substring(0, Math.min(12, container.length())))
                .unstarted(this::run);
    }

    OutputFollower start() {
        thread.start();
        return this;
    }

    private void run() {
        try {
            while (!closed && !turn()) {
                Thread.sleep(TURN_POLL);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            left.countDown();
        }
    }

    /** Whether there is nothing left to follow. */
    private boolean turn() throws InterruptedException {
        try {
            Optional<Cursor> mine = Cursor.take(cursor, files);
            if (mine.isEmpty()) {
                return false;
            }
            try (Cursor taken = mine.get()) {
                // Looked at before the reading: only of what had ended by then is everything read.
                Optional<Containers.Found> found = containers.find(container);
                if (found.isEmpty()) {
                    return true;
                }
                boolean running = found.get().running();
                follow(taken, running);
                return !running;
            }
        } catch (IOException | DriverException e) {
            if (!closed) {
                LOG.log(System.Logger.Level.DEBUG, "output not followed, tried again container=" + container, e);
                Thread.sleep(RETRY);
            }
            return false;
        }
    }

    private void follow(Cursor taken, boolean running) throws IOException {
        try (OutputFile out = new OutputFile(files.get(0), taken, 0, OutputFile.FILE_MAX_BYTES);
                OutputFile log = new OutputFile(files.get(1), taken, 1, OutputFile.FILE_MAX_BYTES)) {
            Instant since = out.since().isBefore(log.since()) ? out.since() : log.since();
            engine.stream(request(since, running), answer -> copy(answer.getBody(), out, log));
        }
    }

    private DockerHttpClient.Request request(Instant since, boolean running) {
        return DockerHttpClient.Request.builder()
                .method(DockerHttpClient.Request.Method.GET)
                .path("/containers/" + container + "/logs?stdout=true&stderr=true&timestamps=true&follow=" + running
                        + "&since=" + "%d.%09d".formatted(since.getEpochSecond(), since.getNano()))
                .build();
    }

    /** Entries come framed: the stream's number, three zeros, four bytes of length; then timestamp, space, text. */
    private static void copy(InputStream body, OutputFile out, OutputFile log) throws IOException {
        DataInputStream entries = new DataInputStream(new BufferedInputStream(body));
        byte[] header = new byte[HEADER_BYTES];
        while (true) {
            int first = entries.read();
            if (first < 0) {
                return;
            }
            entries.readFully(header, 1, HEADER_BYTES - 1);
            int length = ByteBuffer.wrap(header).getInt(Integer.BYTES);
            if (length < 0 || length > ENTRY_MAX_BYTES) {
                throw new IOException("an entry of " + length + " bytes is none");
            }
            byte[] entry = entries.readNBytes(length);
            if (entry.length < length) {
                throw new EOFException("the engine left in the midst of an entry");
            }
            int space = 0;
            while (space < length && entry[space] != ' ') {
                space++;
            }
            Instant timestamp = Instant.parse(new String(entry, 0, space, StandardCharsets.US_ASCII));
            ByteBuffer text = ByteBuffer.wrap(entry, Math.min(space + 1, length), Math.max(0, length - space - 1));
            (first == 2 ? log : out).accept(timestamp, text);
        }
    }

    /** Waits until everything is written, or nothing more will be. */
    boolean awaitEnd(Duration time) throws InterruptedException {
        return left.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Stops following; somebody else may go on from here. */
    @Override
    public void close() {
        closed = true;
        // Closes the channels it reads and writes too; a torn entry is completed by whoever goes on.
        thread.interrupt();
        try {
            thread.join(LEAVE_MAX);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
