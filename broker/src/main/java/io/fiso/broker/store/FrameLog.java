// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import jetbrains.exodus.ExodusException;
import jetbrains.exodus.io.Block;
import jetbrains.exodus.io.RemoveBlockType;
import org.jspecify.annotations.Nullable;

/**
 * The log that the store writes, as files of checksummed {@link Frame}s. It stands between Xodus and the disk because Xodus trusts what it reads: it takes
 * a root at the end of the log for a finished commit, even where what the root leads to never reached the disk.
 *
 * <ol>
 *   <li>{@link #sync} is where a commit is made: until then all of it is in memory. It either is with the operating system (with the disk, if
 *       {@link #setDurable durable}) or nothing of it is.
 *   <li>After the first error of the disk every sync fails, whatever the disk says later: what an error took with it cannot be known.
 *   <li>No room is not an error of the disk: the next sync may pass.
 * </ol>
 */
class FrameLog {
    private static final System.Logger LOG = System.getLogger(FrameLog.class.getName());

    private final Disk disk;
    private final StoreSettings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<Long, LogFile> files = new TreeMap<>();
    private @Nullable LogFile current;
    private @Nullable LogFile unsynced;
    private final StoreActivity activity = new StoreActivity();
    private long durableTo;
    private long dropped;
    private boolean sealed = true;
    private boolean cleanable = true;
    private boolean closing;
    private boolean opened;
    private volatile @Nullable Damage damage;
    private volatile boolean durable = true;
    private volatile @Nullable IOException failure;

    FrameLog(Disk disk, StoreSettings settings) {
        this.disk = disk;
        this.settings = settings;
    }

    /**
     * Finds the files, and cuts off what was never finished.
     *
     * @throws Damage if what was finished is no longer as it was written
     */
    void open() throws IOException {
        List<String> names = new ArrayList<>(disk.names());
        names.removeIf(name -> !LogFile.isName(name));
        for (String name : names) {
            long address = LogFile.address(name);
            files.put(address, new LogFile(disk, address, settings, true, this::damaged));
        }
        if (!files.isEmpty()) {
            disk.syncNames(); // Who made them may have died before that.
        }
        boolean whole = false;
        while (!files.isEmpty()) {
            LogFile last = files.lastEntry().getValue();
            LogFile.Tail tail = last.recover(whole);
            dropped += tail.bytesDropped();
            sealed = tail.sealed();
            durableTo = last.getAddress() + last.length();
            if (last.length() > 0) {
                if (!sealed) {
                    trust(last, tail.durable());
                }
                return;
            }
            files.pollLastEntry();
            last.close();
            disk.delete(last.name());
            disk.syncNames();
            whole = true;
        }
        sealed = true;
    }

    /** Makes sure that what was read is on the disk, before anything is built on it. */
    void trust(LogFile last, long from) throws IOException {
        last.rewrite(from);
        last.sync();
    }

    /** Whether a sync waits for the disk, or only for the operating system. */
    void setDurable(boolean durable) {
        this.durable = durable;
    }

    /** The first error of the disk. */
    @Nullable
    IOException failure() {
        return failure;
    }

    Recovery recovery() {
        lock.lock();
        try {
            return new Recovery(dropped, sealed);
        } finally {
            lock.unlock();
        }
    }

    /** How large the files are together. */
    long size() {
        lock.lock();
        try {
            return files.values().stream().mapToLong(LogFile::size).sum();
        } finally {
            lock.unlock();
        }
    }

    long freeBytes() {
        return disk.freeBytes();
    }

    private void append(byte[] piece) {
        lock.lock();
        try {
            current().append(piece);
        } finally {
            lock.unlock();
        }
    }

    private LogFile current() {
        if (current == null) {
            throw new ExodusException("no file of the log is open for writing");
        }
        return current;
    }

    /** See the class. */
    private void sync() {
        lock.lock();
        try {
            if (failure != null) {
                if (closing) {
                    return;
                }
                throw new ExodusException("the disk failed before", failure);
            }
            LogFile file = current;
            if (file != null && file.hasPending()) {
                sealed = false;
                unsynced = file;
                if (file.writeOut(durableTo)) {
                    disk.syncNames();
                }
            }
            if (durable || (file != null && file.isFull())) {
                force();
            }
        } catch (Disk.Full e) {
            throw new DiskFull(e);
        } catch (IOException e) {
            throw new ExodusException("the disk failed", fail(e));
        } finally {
            lock.unlock();
        }
    }

    /** Puts on the disk what the operating system has. */
    void forceAll() {
        lock.lock();
        try {
            if (failure == null) {
                force();
            }
        } catch (IOException e) {
            fail(e);
        } finally {
            lock.unlock();
        }
    }

    StoreActivity activity() {
        return activity;
    }

    void force() throws IOException {
        if (unsynced != null) {
            long to = unsynced.getAddress() + unsynced.length();
            long begin = System.nanoTime();
            unsynced.sync();
            activity.synced(System.nanoTime() - begin);
            durableTo = to;
            unsynced = null;
        }
    }

    private IOException fail(IOException e) {
        IOException first = failure;
        if (first != null) {
            return first;
        }
        failure = e;
        LOG.log(
                System.Logger.Level.ERROR,
                "broker: the disk failed; the store in " + disk.location() + " is read-only until it is opened again",
                e);
        return e;
    }

    private void truncate(long address, long length) {
        lock.lock();
        try {
            LogFile file = files.get(address);
            if (file == null || file.length() <= length) {
                return;
            }
            refuseToCutOff();
            long before = file.size();
            file.truncate(length, cleanable);
            durableTo = Math.min(durableTo, address + length);
            if (file.size() < before && cleanable) {
                sealed = false;
                file.sync();
            }
            drop(before - file.size());
        } catch (IOException e) {
            cleanable = false;
            fail(e);
        } finally {
            lock.unlock();
        }
    }

    private void remove(long address) {
        lock.lock();
        try {
            refuseToCutOff();
            LogFile file = files.remove(address);
            if (file == null) {
                return;
            }
            long size = file.size();
            if (unsynced == file) {
                unsynced = null;
            }
            if (failure == null) {
                force(); // What was moved out of it must not be lost with it.
            }
            file.close();
            if (cleanable) {
                disk.delete(file.name());
                disk.syncNames();
            }
            drop(size);
        } catch (IOException e) {
            cleanable = false; // What is in front of a file that may still be there must not become shorter.
            fail(e);
        } finally {
            lock.unlock();
        }
    }

    private void damaged(Damage found) {
        if (damage == null) {
            damage = found;
        }
    }

    /** The first damage that was met. */
    @Nullable
    Damage damage() {
        return damage;
    }

    /**
     * Xodus, when it cannot read what the last commit left, looks for an earlier one and cuts off the rest; but here the last commit is whole, and what
     * cannot be read is damaged.
     */
    private void refuseToCutOff() {
        if (!opened && damage != null) {
            throw damage;
        }
    }

    /** What is cut off while Xodus opens the log was never finished. */
    private void drop(long bytes) {
        if (!opened) {
            dropped += bytes;
        }
    }

    /** From now on whatever is taken away is an undone commit, or was no longer needed. */
    void opened() {
        opened = true;
    }

    /** From now on an earlier failure is nobody's concern. */
    void closing() {
        closing = true;
    }

    /** Says in the log that all of it is on the disk, and lets go of the files. */
    void close() throws IOException {
        lock.lock();
        try {
            if (failure == null && !sealed && !files.isEmpty()) {
                LogFile last = files.lastEntry().getValue();
                if (!last.hasPending()) {
                    force();
                    last.seal();
                    last.sync();
                    sealed = true;
                }
            }
        } finally {
            for (LogFile file : files.values()) {
                file.close();
            }
            lock.unlock();
        }
    }

    jetbrains.exodus.io.DataReader reader() {
        return new DataReader();
    }

    jetbrains.exodus.io.DataWriter writer() {
        return new DataWriter();
    }

    private final class DataReader implements jetbrains.exodus.io.DataReader {
        @Override
        public String getLocation() {
            return disk.location();
        }

        @Override
        public Iterable<Block> getBlocks() {
            return getBlocks(0);
        }

        @Override
        public Iterable<Block> getBlocks(long fromAddress) {
            lock.lock();
            try {
                return List.copyOf(files.tailMap(fromAddress).values());
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            // The files are closed with the log.
        }
    }

    private final class DataWriter implements jetbrains.exodus.io.DataWriter {
        private boolean open;

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public Block write(byte[] bytes, int offset, int length) {
            append(java.util.Arrays.copyOfRange(bytes, offset, offset + length));
            return current();
        }

        @Override
        public void sync() {
            FrameLog.this.sync();
        }

        @Override
        public void syncDirectory() {
            // A file is made, and its name synced, when there is something to write to it.
        }

        @Override
        public void close() {
            open = false;
        }

        @Override
        public void clear() {
            throw new ExodusException("the log is never cleared");
        }

        @Override
        public Block openOrCreateBlock(long address, long length) {
            lock.lock();
            try {
                LogFile file = files.computeIfAbsent(
                        address, at -> new LogFile(disk, at, settings, false, FrameLog.this::damaged));
                if (file.length() != length) {
                    throw new ExodusException(
                            "file '" + file.name() + "' has " + file.length() + " bytes and not " + length);
                }
                current = file;
                open = true;
                return file;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void removeBlock(long address, RemoveBlockType how) {
            remove(address);
        }

        @Override
        public void truncateBlock(long address, long length) {
            truncate(address, length);
        }

        @Override
        public boolean lock(long timeout) {
            return true;
        }

        @Override
        public boolean release() {
            return true;
        }

        @Override
        public String lockInfo() {
            return "";
        }
    }
}
