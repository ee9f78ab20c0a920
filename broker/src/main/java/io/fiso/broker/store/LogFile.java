// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import jetbrains.exodus.ExodusException;
import jetbrains.exodus.io.Block;
import org.jspecify.annotations.Nullable;

/**
 * One file of the log: {@link Frame}s behind a head of {@value #HEAD} bytes. What is appended stays in memory until {@link #writeOut}, so that nothing but
 * that can fail. Thread-safe: one appends, any number read.
 */
final class LogFile implements Block {
    static final int HEAD = 16;
    private static final String SUFFIX = ".log";
    private static final long MAGIC = 0x46_49_53_4F_4C_4F_47_31L; // FISOLOG1

    private final Disk disk;
    private final Consumer<Damage> found;
    private final long address;
    private final long lengthMax;
    private final int pageBytes;

    /** Where in the file the frame is that has the first byte of each page. */
    private final int[] pages;

    private final List<byte[]> pending = new ArrayList<>();
    private long pendingBytes;
    private long written;
    private long size;
    private boolean indexed;
    private Disk.@Nullable File file;

    /**
     * @param there whether it is on the disk, and full if {@link #recover} says nothing else
     * @param found hears of damage that a read meets: whoever reads may take it for something else
     */
    LogFile(Disk disk, long address, StoreSettings settings, boolean there, Consumer<Damage> found) {
        this.disk = disk;
        this.found = found;
        this.address = address;
        this.lengthMax = settings.logFileBytes();
        this.pageBytes = settings.pageBytes();
        this.pages = new int[(int) (lengthMax / pageBytes)];
        this.indexed = !there;
        this.written = there ? lengthMax : 0;
    }

    /**
     * What was found at the end of the last file.
     *
     * @param bytesDropped how much was cut off
     * @param durable up to where in the log the file itself says that it is on the disk
     * @param sealed whether the store was closed behind it
     */
    record Tail(long bytesDropped, long durable, boolean sealed) {}

    static boolean isName(String name) {
        return name.matches("[0-9a-f]{16}\\" + SUFFIX);
    }

    static long address(String name) {
        return Long.parseUnsignedLong(name.substring(0, 16), 16);
    }

    String name() {
        return String.format(Locale.ROOT, "%016x%s", address, SUFFIX);
    }

    @Override
    public long getAddress() {
        return address;
    }

    @Override
    public synchronized long length() {
        return written + pendingBytes;
    }

    /** How large it is on the disk. */
    synchronized long size() {
        return indexed ? size : lengthMax + HEAD;
    }

    synchronized boolean isFull() {
        return length() == lengthMax;
    }

    synchronized boolean hasPending() {
        return !pending.isEmpty();
    }

    @Override
    public Block refresh() {
        return this;
    }

    synchronized void append(byte[] piece) {
        if (piece.length
                > 0) { // Xodus may write the rest of a page that has none; a frame with nothing in it is a seal.
            pending.add(piece);
            pendingBytes += piece.length;
        }
    }

    /**
     * Gives what was appended to the operating system.
     *
     * @return whether the file is new, so that its name is not durable yet
     * @throws Disk.Full if there was no room; then the file is as it was
     */
    synchronized boolean writeOut(long durable) throws IOException {
        boolean made = size == 0;
        int total = made ? HEAD : 0;
        for (byte[] piece : pending) {
            total += Frame.HEAD + piece.length;
        }
        ByteBuffer buffer = ByteBuffer.allocate(total);
        if (made) {
            buffer.putLong(MAGIC).putLong(address);
        }
        int[] starts = new int[pending.size()];
        long at = address + written;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = buffer.position();
            Frame.write(buffer, at, durable, pending.get(i));
            at += pending.get(i).length;
        }
        append(buffer);
        long before = size;
        size += total;
        for (int i = 0; i < starts.length; i++) {
            frame(before + starts[i], pending.get(i).length);
        }
        pending.clear();
        pendingBytes = 0;
        return made;
    }

    private void append(ByteBuffer buffer) throws IOException {
        try {
            file().write(buffer.array(), 0, buffer.position(), size);
        } catch (Disk.Full e) {
            if (file != null) {
                file.truncate(size);
            }
            throw e;
        }
    }

    /** Says in the file that all of it is on the disk, if it is. */
    synchronized void seal() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Frame.HEAD);
        Frame.write(buffer, address + written, address + written, new byte[0]);
        append(buffer);
        size += Frame.HEAD;
    }

    void sync() throws IOException {
        file().sync();
    }

    /** Takes what was appended after so many bytes away again. */
    synchronized void truncate(long length, boolean onDisk) throws IOException {
        while (length() > length && !pending.isEmpty()) {
            byte[] last = pending.removeLast();
            pendingBytes -= last.length;
            if (length() < length) {
                append(Arrays.copyOf(last, (int) (length - length())));
            }
        }
        if (length() <= length) {
            return;
        }
        index();
        long at = pages[(int) (length / pageBytes)];
        byte[] bytes = bytes(at, size);
        int offset = 0;
        Frame frame = frame(bytes, offset, at);
        while (frame.address() + frame.length() - address <= length) {
            offset += frame.size();
            frame = frame(bytes, offset, at);
        }
        size = at + offset;
        written = frame.address() - address;
        if (length > written) {
            int from = offset + Frame.HEAD;
            append(Arrays.copyOfRange(bytes, from, from + (int) (length - written)));
        }
        if (onDisk) {
            file().truncate(size);
        }
    }

    @Override
    public synchronized int read(byte[] output, long position, int offset, int count) {
        int wanted = (int) Math.min(count, length() - position);
        if (wanted <= 0) {
            return 0;
        }
        try {
            index();
            readWritten(output, position, offset, position + wanted);
        } catch (Damage e) {
            found.accept(e);
            throw e;
        } catch (IOException e) {
            throw new ExodusException("cannot read '" + name() + "' at byte " + position + " of the log file", e);
        }
        long at = written;
        for (byte[] piece : pending) {
            copy(piece, 0, at, piece.length, output, offset, position, position + wanted);
            at += piece.length;
        }
        return wanted;
    }

    private void readWritten(byte[] output, long position, int offset, long end) throws IOException {
        long until = Math.min(end, written);
        if (position >= until) {
            return;
        }
        long at = pages[(int) (position / pageBytes)];
        int after = (int) ((until - 1) / pageBytes) + 1;
        // The first frame of the next page begins where this one's last ends, or is its last.
        long to = (long) after * pageBytes < written ? pages[after] : size;
        byte[] bytes = bytes(at, to);
        int next = 0;
        long reached = position;
        while (reached < until) {
            if (next == bytes.length && to < size) { // A frame that goes on into the next page.
                bytes = bytes(at, size);
                to = size;
            }
            Frame frame = frame(bytes, next, at);
            long start = frame.address() - address;
            copy(bytes, next + Frame.HEAD, start, frame.length(), output, offset, position, until);
            next += frame.size();
            reached = start + frame.length();
        }
    }

    /** Copies what a piece of the log has of a part of it. */
    private static void copy(
            byte[] piece, int from, long start, int length, byte[] output, int offset, long position, long end) {
        long first = Math.max(start, position);
        long last = Math.min(start + length, end);
        if (first < last) {
            System.arraycopy(piece, from + (int) (first - start), output, offset + (int) (first - position), (int)
                    (last - first));
        }
    }

    private Frame frame(byte[] bytes, int offset, long at) {
        Frame frame = Frame.read(bytes, offset, bytes.length);
        if (frame == null) {
            throw new Damage(name(), at + offset, "the checksum does not match");
        }
        return frame;
    }

    private void index() throws IOException {
        if (!indexed) {
            recover(true);
        }
    }

    /**
     * Finds out what is in the file.
     *
     * @param whole whether it was full when another file was begun behind it
     * @throws Damage if something is not as it was written. What is unreadable at the end of a file that is not whole was never finished, unless something
     *     behind it says that it once was on the disk
     */
    synchronized Tail recover(boolean whole) throws IOException {
        long found = file().size();
        byte[] bytes = bytes(0, found);
        size = HEAD;
        written = 0;
        indexed = true;
        long durable = address;
        boolean sealed = false;
        Frame frame = found < HEAD ? null : Frame.read(bytes, HEAD, bytes.length);
        boolean headed = found >= HEAD
                && ByteBuffer.wrap(bytes).getLong() == MAGIC
                && ByteBuffer.wrap(bytes).getLong(8) == address;
        if (!headed && (whole || frame != null)) {
            indexed = false;
            throw new Damage(name(), 0, "it does not begin like a log file of this version");
        }
        while (frame != null && frame.address() == address + written && written + frame.length() <= lengthMax) {
            durable = Math.max(durable, frame.durable());
            sealed = frame.length() == 0;
            frame(size, frame.length());
            size += frame.size();
            frame = Frame.read(bytes, (int) size, bytes.length);
        }
        if (whole ? !isFull() : wasOnceDurable(bytes)) {
            long at = size;
            indexed = false;
            throw new Damage(name(), at, "the checksum does not match");
        }
        if (written == 0) {
            size = 0;
        }
        if (size < found) {
            file().truncate(size);
        }
        return new Tail(found - size, durable, sealed);
    }

    /** Whether a frame behind the last good one knows that what ought to be here was on the disk. */
    private boolean wasOnceDurable(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int at = (int) size; at <= bytes.length - Frame.HEAD; at++) {
            if (buffer.getInt(at) == Frame.MAGIC) {
                Frame later = Frame.read(bytes, at, bytes.length);
                if (later != null && later.durable() > address + written) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Writes again, as it is, what may be in the memory of the operating system only: after a failed sync that does not know that it is not on the disk.
     */
    synchronized void rewrite(long durable) throws IOException {
        long from = Math.clamp(durable - address, 0, written) / pageBytes * pageBytes;
        long at = from < written ? pages[(int) (from / pageBytes)] : size;
        byte[] bytes = bytes(from == 0 ? 0 : at, size);
        file().write(bytes, 0, bytes.length, from == 0 ? 0 : at);
    }

    private void frame(long at, int length) {
        long end = written + length;
        for (long page = (written + pageBytes - 1) / pageBytes; page * pageBytes < end; page++) {
            pages[(int) page] = (int) at;
        }
        written = end;
    }

    private byte[] bytes(long from, long to) throws IOException {
        byte[] bytes = new byte[(int) (to - from)];
        file().read(bytes, 0, bytes.length, from);
        return bytes;
    }

    private synchronized Disk.File file() throws IOException {
        if (file == null) {
            file = disk.open(name());
        }
        return file;
    }

    synchronized void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
