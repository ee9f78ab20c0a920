// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Held by the one fisoctl that may note what becomes of a pipeline's letters in a dead letter topic. A lock of the operating system on a file in the
 * pipeline's directory: only who shares that directory can replay, since a replay goes through the pipeline's control plane, and the lock of a fisoctl
 * that was killed is free at once.
 */
final class NotesLock implements AutoCloseable {
    private final FileChannel file;

    private NotesLock(FileChannel file) {
        this.file = file;
    }

    /** @param what whose letters these are, for people */
    static NotesLock take(Path path, String what) throws IOException {
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        return new NotesLock(open(path, what, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    }

    /** Opens a file that nobody else may have open in this way. */
    static FileChannel open(Path path, String what, StandardOpenOption... options) throws IOException {
        FileChannel opened = FileChannel.open(path, options);
        boolean taken = false;
        try {
            taken = opened.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            // Another of this very process.
        } finally {
            if (!taken) {
                opened.close();
            }
        }
        if (!taken) {
            throw new LetterStore.BusyException("another fisoctl replays or discards letters of " + what);
        }
        return opened;
    }

    /** The file stays: removing it would let two hold the lock at once. */
    @Override
    public void close() throws IOException {
        file.close();
    }
}
