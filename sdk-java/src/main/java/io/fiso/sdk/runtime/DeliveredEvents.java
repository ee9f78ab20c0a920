// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events that a sink delivered last, kept over restarts, so that one that comes again is not delivered again.
 *
 * <ol>
 *   <li>A hash of source and id is written after the outside has the event, and before the event is settled. So an event is never
 *       taken for delivered that was not.
 *   <li>A crash of the process between the two writes forgets that event: it is delivered again. At most one call per lane, or one batch, can be
 *       there.
 *   <li>Writes go to the operating system and are not forced to disk: a crash of the process loses nothing, a power failure may lose the
 *       last seconds, and those events, if they come again, are delivered again.
 *   <li>An event that comes again after more than the window's number of others were delivered is not recognised.
 *   <li>Where the file cannot be written, the attempt fails and is made again: the outside does not see the event twice.
 * </ol>
 *
 * <p>The file is a ring of 16-byte hashes behind a header. The lowest bit of each changes from one round to the next: so the youngest
 * is found without a counter, and one write per delivery is enough.
 */
final class DeliveredEvents implements AutoCloseable {
    private static final String NAME = "delivered.ring";
    private static final long MAGIC = 0x4649534f_44454c31L;
    private static final int HEADER_BYTES = 16;
    private static final int HASH_BYTES = 16;

    private final HashWindow window;
    private final RandomAccessFile file;
    private long written;
    private long repeats;

    private DeliveredEvents(HashWindow window, RandomAccessFile file, long written) {
        this.window = window;
        this.file = file;
        this.written = written;
    }

    /** The memory of a sink that deduplicates; null if it does not. */
    static @Nullable DeliveredEvents open(ContextView context, ComponentSettings settings) throws IOException {
        int capacity = settings.deduplicationWindow();
        return capacity == 0 ? null : open(context.stateDirectory(), capacity);
    }

    /** Opens the window in this directory; one of another size is taken over as far as it goes. */
    static DeliveredEvents open(Path directory, int capacity) throws IOException {
        Files.createDirectories(directory);
        Path path = directory.resolve(NAME);
        List<EventHash> known = Files.exists(path) ? read(path) : List.of();
        HashWindow window = new HashWindow(capacity);
        for (EventHash hash : known.subList(Math.max(0, known.size() - capacity), known.size())) {
            if (!window.contains(hash)) {
                window.add(hash);
            }
        }
        // Written anew, the ring begins at its first place.
        Path next = directory.resolve(NAME + ".next");
        Files.write(next, image(window));
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return new DeliveredEvents(window, new RandomAccessFile(path.toFile(), "rw"), window.added());
    }

    synchronized boolean contains(EventHash hash) {
        return window.contains(hash);
    }

    /** The events that were recognised; to be called once they are settled by it. */
    synchronized void recognised(int events) throws IOException {
        // What is known may not be written yet: the last write may have failed.
        flush();
        repeats += events;
    }

    /** The outside has these events. */
    synchronized void delivered(List<EventHash> hashes) throws IOException {
        for (EventHash hash : hashes) {
            if (!window.contains(hash)) {
                window.add(hash);
            }
        }
        flush();
    }

    /** How many events were recognised. */
    synchronized long repeats() {
        return repeats;
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }

    private void flush() throws IOException {
        long from = Math.max(written, window.added() - window.capacity());
        while (from < window.added()) {
            int place = (int) (from % window.capacity());
            int count = (int) Math.min(window.added() - from, window.capacity() - place);
            ByteBuffer bytes = ByteBuffer.allocate(count * HASH_BYTES);
            for (int i = 0; i < count; i++) {
                put(bytes, window.at(from + i), from + i);
            }
            file.seek(HEADER_BYTES + (long) place * HASH_BYTES);
            file.write(bytes.array());
            from += count;
            written = from;
        }
    }

    private void put(ByteBuffer bytes, EventHash hash, long index) {
        long round = (index / window.capacity() + 1) & 1;
        bytes.putLong(hash.high()).putLong(hash.low() | round);
    }

    private static byte[] image(HashWindow window) {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + window.capacity() * HASH_BYTES);
        bytes.putLong(MAGIC).putLong(window.capacity());
        for (long index = 0; index < window.added(); index++) {
            EventHash hash = window.at(index);
            bytes.putLong(hash.high()).putLong(hash.low() | 1);
        }
        return bytes.array();
    }

    /** The hashes of a file, oldest first; what a power failure left of it is taken as it is. */
    private static List<EventHash> read(Path path) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
        if (bytes.remaining() < HEADER_BYTES || bytes.getLong() != MAGIC) {
            throw new IOException("'" + path
                    + "' does not hold delivered events, or is damaged; move it away to start with an empty window");
        }
        int places = (int) Math.min(bytes.getLong(), bytes.remaining() / HASH_BYTES);
        EventHash[] hashes = new EventHash[places];
        boolean[] rounds = new boolean[places];
        for (int place = 0; place < places; place++) {
            long high = bytes.getLong();
            long low = bytes.getLong();
            hashes[place] = new EventHash(high, low & ~1L);
            rounds[place] = (low & 1) != 0;
        }
        int oldest = 1;
        while (oldest < places && rounds[oldest] == rounds[0]) {
            oldest++;
        }
        List<EventHash> ordered = new ArrayList<>();
        if (oldest < places) {
            ordered.addAll(Arrays.asList(hashes).subList(oldest, places));
        }
        ordered.addAll(Arrays.asList(hashes).subList(0, Math.min(oldest, places)));
        ordered.removeIf(hash -> hash.high() == 0);
        return ordered;
    }
}
