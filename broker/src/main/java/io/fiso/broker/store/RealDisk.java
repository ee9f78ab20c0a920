// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the operating system. Files are {@link RandomAccessFile}s and not channels: a channel closes when a thread that uses it is interrupted,
 * and with it everybody's store.
 */
final class RealDisk implements Disk {
    private static final String LOCK = "lock";

    /**
     * The directories that are open in this process. The lock cannot tell, and must not be asked: where it is one of POSIX, closing the second channel
     * would release what the first one holds.
     */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private @Nullable Path opened;
    private @Nullable FileChannel lockFile;

    RealDisk(Path directory) {
        this.directory = directory;
    }

    @Override
    public String location() {
        return directory.toString();
    }

    @Override
    public void lock() throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            sync(Objects.requireNonNull(directory.toAbsolutePath().getParent()));
        }
        Path real = directory.toRealPath();
        if (!OPEN.add(real)) {
            throw new InUse("it is open already in this process");
        }
        opened = real;
        Path path = directory.resolve(LOCK);
        lockFile = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (lockFile.tryLock() == null) {
            String owner = Files.readString(path).strip();
            throw new InUse("another process uses it" + (owner.isEmpty() ? "" : ": pid " + owner));
        }
        lockFile.truncate(0);
        lockFile.write(US_ASCII.encode(Long.toString(ProcessHandle.current().pid())));
    }

    @Override
    public List<String> names() throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.map(path -> path.getFileName().toString()).toList();
        }
    }

    @Override
    public File open(String name) throws IOException {
        RandomAccessFile file = new RandomAccessFile(directory.resolve(name).toFile(), "rw");
        return new RealFile(file, directory);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
    }

    @Override
    public void syncNames() throws IOException {
        sync(directory);
    }

    private static void sync(Path directory) throws IOException {
        boolean interrupted = Thread.interrupted();
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public long freeBytes() {
        return directory.toFile().getUsableSpace();
    }

    @Override
    public void close() throws IOException {
        try {
            if (lockFile != null) {
                lockFile.close();
                lockFile = null;
            }
        } finally {
            if (opened != null) {
                OPEN.remove(opened);
                opened = null;
            }
        }
    }

    private record RealFile(RandomAccessFile file, Path directory) implements File {
        @Override
        public long size() throws IOException {
            return file.length();
        }

        @Override
        public void read(byte[] into, int offset, int count, long position) throws IOException {
            file.seek(position);
            file.readFully(into, offset, count);
        }

        @Override
        public void write(byte[] from, int offset, int count, long position) throws IOException {
            try {
                file.seek(position);
                file.write(from, offset, count);
            } catch (IOException e) {
                throw isFull(e, count) ? new Full(String.valueOf(e.getMessage()), e) : e;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            file.setLength(size);
        }

        @Override
        public void sync() throws IOException {
            file.getFD().sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }

        /** The operating system's number for it does not get here, only its text, which may be in any language. */
        private boolean isFull(IOException e, int count) {
            String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
            return message.contains("no space left")
                    || message.contains("quota exceeded")
                    || directory.toFile().getUsableSpace() < count;
        }
    }
}
