// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * One directory of files, and nothing else between the store and the operating system: everything that can fail, fails here. Tests put a simulated one
 * in its place.
 *
 * <ol>
 *   <li>What {@link File#write} took is the operating system's: it survives the process, not loss of power, after which any part of it may be there.
 *   <li>What {@link File#sync} answered for survives loss of power, if the file's name does: {@link #syncNames}.
 *   <li>An interrupt of the calling thread has no effect.
 * </ol>
 */
interface Disk extends Closeable {
    /** For messages. */
    String location();

    /** @throws IOException also if the directory is another's; the message says whose */
    void lock() throws IOException;

    List<String> names() throws IOException;

    /** Opens a file, and makes it if it is not there. */
    File open(String name) throws IOException;

    void delete(String name) throws IOException;

    /** Makes the names of files that were made or deleted durable. */
    void syncNames() throws IOException;

    /** How many bytes there is room for. */
    long freeBytes();

    /** Gives the directory back. */
    @Override
    void close() throws IOException;

    /** A file. Calls for one file come one at a time, except {@link #sync}. */
    interface File extends Closeable {
        long size() throws IOException;

        /** @throws IOException also if the file ends before that */
        void read(byte[] into, int offset, int count, long position) throws IOException;

        /** @throws Full if there is no room; a part may have been written */
        void write(byte[] from, int offset, int count, long position) throws IOException;

        void truncate(long size) throws IOException;

        void sync() throws IOException;
    }

    /** There is no room. */
    final class Full extends IOException {
        private static final long serialVersionUID = 1;

        Full(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
