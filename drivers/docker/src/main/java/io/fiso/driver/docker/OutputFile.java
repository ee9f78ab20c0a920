// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;

/**
 * One stream of a container on its way into its file: every entry once. Entries that the cursor knows are skipped; what a killed predecessor had written
 * beyond its cursor is compared with what comes, and not written again. Of one thread.
 */
final class OutputFile implements AutoCloseable {
    static final int FILES = 10;
    static final long FILE_MAX_BYTES = 10L * 1024 * 1024;
    private static final int BEYOND_MAX_BYTES = 1024 * 1024;

    private final Path file;
    private final Cursor cursor;
    private final int stream;
    private final long fileMaxBytes;
    private final Position from;
    private FileChannel channel;
    private Position position;
    private byte[] beyond;
    private int repeated;
    private boolean catchingUp = true;

    OutputFile(Path file, Cursor cursor, int stream, long fileMaxBytes) throws IOException {
        this.file = file;
        this.cursor = cursor;
        this.stream = stream;
        this.fileMaxBytes = fileMaxBytes;
        create(file);
        this.channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        this.from = cursor.read(stream);
        this.beyond = beyond(file, from.length(), channel.size());
        this.position = from.inFileOf(channel.size() - beyond.length);
    }

    /** The file and its directory exist, for their owner's eyes alone. */
    static void create(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } catch (java.nio.file.FileAlreadyExistsException _) {
                // Made in this instant by whoever else follows.
            }
        }
    }

    private static byte[] beyond(Path file, long from, long size) throws IOException {
        // Shorter than it was: rotated since. Much longer: written by another instance of the component.
        if (size <= from || size - from > BEYOND_MAX_BYTES) {
            return new byte[0];
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) (size - from));
        try (FileChannel reader = FileChannel.open(file)) {
            while (bytes.hasRemaining() && reader.read(bytes, from + bytes.position()) >= 0) {}
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** From when on entries are wanted. */
    Instant since() {
        return position.timestamp();
    }

    /** Takes the next entry of the stream. */
    void accept(Instant timestamp, ByteBuffer text) throws IOException {
        if (known(timestamp)) {
            return;
        }
        int length = text.remaining();
        ByteBuffer rest = withoutWhatIsThere(text);
        if (position.length() + length > fileMaxBytes && position.length() > 0 && rest.remaining() == length) {
            rotate();
        }
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
        position = position.after(timestamp, position.length() + length);
        cursor.write(stream, position);
    }

    private boolean known(Instant timestamp) {
        if (!catchingUp) {
            return false;
        }
        int order = timestamp.compareTo(from.timestamp());
        if (order < 0) {
            return true;
        }
        if (order == 0 && repeated < from.count()) {
            repeated++;
            return true;
        }
        catchingUp = false;
        return false;
    }

    /** What of an entry stands beyond the cursor needs no writing; what does not match there is of others, and left alone. */
    private ByteBuffer withoutWhatIsThere(ByteBuffer text) {
        if (beyond.length == 0) {
            return text;
        }
        int common = Math.min(beyond.length, text.remaining());
        if (!ByteBuffer.wrap(beyond, 0, common).equals(text.slice(text.position(), common))) {
            position = position.inFileOf(position.length() + beyond.length);
            beyond = new byte[0];
            return text;
        }
        beyond = Arrays.copyOfRange(beyond, common, beyond.length);
        return text.position(text.position() + common);
    }

    private void rotate() throws IOException {
        channel.close();
        for (int age = FILES - 2; age >= 1; age--) {
            if (Files.exists(rotated(age))) {
                Files.move(rotated(age), rotated(age + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(file, rotated(1), StandardCopyOption.REPLACE_EXISTING);
        create(file);
        channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        position = position.inFileOf(0);
        cursor.write(stream, position);
    }

    private Path rotated(int age) {
        return file.resolveSibling(file.getFileName() + "." + age);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
