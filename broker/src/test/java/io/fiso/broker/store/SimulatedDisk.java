// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A disk in memory that does what disks do. What is written is in the page cache; a sync makes it durable; loss of power leaves of the rest any set of
 * sectors of 512 bytes, and of the names that were not synced any. All from one source of chance.
 *
 * <p>Not thread-safe, except that one store may use it: every call is synchronized.
 */
final class SimulatedDisk implements Disk {
    static final int SECTOR = 512;

    private final Random chance;
    private final Map<String, Content> names = new HashMap<>();
    private final Map<String, Content> durableNames = new HashMap<>();
    private long operations;
    private long crashAt = Long.MAX_VALUE;
    private long failAt = Long.MAX_VALUE;
    private boolean failsForGood;
    private long capacity = Long.MAX_VALUE;
    private boolean dead;
    private long failures;
    private long full;
    private long syncs;

    SimulatedDisk(Random chance) {
        this.chance = chance;
    }

    /** The process or the machine is gone: no call comes back. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1;

        Crash() {
            super("crash", null, false, false);
        }
    }

    private static final class Content {
        private byte[] cache = new byte[0];
        private int size;
        private byte[] durable = new byte[0];
        private int durableSize;
        private final BitSet dirty = new BitSet();
        /** Sectors that a failed sync took for written. */
        private final BitSet lost = new BitSet();

        void write(byte[] from, int offset, int count, int position) {
            int end = position + count;
            if (end > cache.length) {
                cache = Arrays.copyOf(cache, Math.max(end, cache.length * 2));
            }
            if (position > size) {
                Arrays.fill(cache, size, position, (byte) 0);
            }
            System.arraycopy(from, offset, cache, position, count);
            size = Math.max(size, end);
            if (count > 0) {
                dirty.set(position / SECTOR, (end - 1) / SECTOR + 1);
                lost.clear(position / SECTOR, (end - 1) / SECTOR + 1);
            }
        }

        void truncate(int to) {
            if (to < size) {
                Arrays.fill(cache, to, size, (byte) 0);
                size = to;
                dirty.set(to / SECTOR);
            }
        }

        void sync() {
            byte[] after = Arrays.copyOf(cache, size);
            for (int sector = lost.nextSetBit(0); sector >= 0; sector = lost.nextSetBit(sector + 1)) {
                restore(after, sector);
            }
            durable = after;
            durableSize = size;
            dirty.clear();
        }

        private void restore(byte[] into, int sector) {
            for (int at = sector * SECTOR; at < Math.min(into.length, (sector + 1) * SECTOR); at++) {
                into[at] = at < durable.length ? durable[at] : 0;
            }
        }

        void failSync(Random chance) {
            for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
                if (chance.nextBoolean()) {
                    lost.set(sector);
                }
            }
            dirty.andNot(lost);
        }

        /** Loss of power. */
        void lose(Random chance) {
            int kind = chance.nextInt(4);
            int first = dirty.nextSetBit(0);
            int cut = first < 0 ? 0 : first + chance.nextInt(Math.max(1, dirty.length() - first + 1));
            byte[] after = Arrays.copyOf(durable, Math.max(size, durableSize));
            int end = durableSize;
            for (int sector = first; sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
                boolean there = switch (kind) {
                    case 0 -> false;
                    case 1 -> true;
                    case 2 -> sector < cut;
                    default -> chance.nextBoolean();
                };
                if (there) {
                    int from = sector * SECTOR;
                    int to = Math.min(size, from + SECTOR);
                    if (from < to) {
                        System.arraycopy(cache, from, after, from, to - from);
                        end = Math.max(end, to);
                    }
                }
            }
            // The size is a matter of its own: a file may be long and empty, or keep what was cut off.
            if (kind == 3 && size > end && chance.nextBoolean()) {
                end = size;
            }
            if (size < durableSize && (kind == 1 || chance.nextBoolean())) {
                end = size;
            }
            settle(Arrays.copyOf(after, end));
        }

        void settle(byte[] content) {
            durable = content;
            durableSize = content.length;
            cache = content.clone();
            size = content.length;
            dirty.clear();
            lost.clear();
        }
    }

    /** How many calls were made. */
    synchronized long operations() {
        return operations;
    }

    /** The n-th call from now, and every later one, does not come back. */
    synchronized void crashAfter(long calls) {
        crashAt = operations + calls;
    }

    /** The n-th call from now that changes something fails; later ones too, or not. */
    synchronized void failAfter(long calls, boolean forGood) {
        failAt = operations + calls;
        failsForGood = forGood;
    }

    /** Whether the crash has come. */
    synchronized boolean isDead() {
        return dead;
    }

    synchronized void heal() {
        failAt = Long.MAX_VALUE;
    }

    /** From now on there is room for so many bytes more. */
    synchronized void room(long bytes) {
        capacity = bytes == Long.MAX_VALUE ? bytes : used() + bytes;
    }

    /** How often a file was synced. */
    synchronized long syncs() {
        return syncs;
    }

    /** How often a call has failed since this was last asked. */
    synchronized long takeFailures() {
        long taken = failures;
        failures = 0;
        return taken;
    }

    /** How often there was no room since this was last asked. */
    synchronized long takeFull() {
        long taken = full;
        full = 0;
        return taken;
    }

    private long used() {
        return names.values().stream().mapToLong(content -> content.size).sum();
    }

    /** The process died: what it gave to the operating system is there. */
    synchronized void afterProcessDeath() {
        revive();
    }

    /** The power failed. */
    synchronized void afterPowerLoss() {
        Set<String> all = new HashSet<>(names.keySet());
        all.addAll(durableNames.keySet());
        for (String name : all.stream().sorted().toList()) {
            Content now = names.get(name);
            Content before = durableNames.get(name);
            if (now != before) {
                Content kept = chance.nextBoolean() ? now : before;
                if (kept == null) {
                    names.remove(name);
                } else {
                    names.put(name, kept);
                }
            }
        }
        for (String name : names.keySet().stream().sorted().toList()) {
            names.get(name).lose(chance);
        }
        durableNames.clear();
        durableNames.putAll(names);
        revive();
    }

    private void revive() {
        dead = false;
        crashAt = Long.MAX_VALUE;
        failAt = Long.MAX_VALUE;
        capacity = Long.MAX_VALUE;
        failures = 0;
    }

    /** Turns one bit of what is on the disk. */
    synchronized void flip(String name, int at, int bit) {
        Content content = names.get(name);
        content.cache[at] ^= (byte) (1 << bit);
        if (at < content.durable.length) {
            content.durable[at] ^= (byte) (1 << bit);
        }
    }

    synchronized int size(String name) {
        return names.get(name).size;
    }

    private void call(boolean changes) throws IOException {
        if (dead || operations >= crashAt) {
            dead = true;
            throw new Crash();
        }
        operations++;
        if (changes && operations > failAt) {
            if (!failsForGood) {
                failAt = Long.MAX_VALUE;
            }
            failures++;
            throw new IOException("simulated: Input/output error");
        }
    }

    @Override
    public String location() {
        return "simulated";
    }

    @Override
    public void lock() {
        // Nobody else can.
    }

    @Override
    public synchronized List<String> names() throws IOException {
        call(false);
        List<String> all = new ArrayList<>(names.keySet());
        all.sort(null);
        return all;
    }

    @Override
    public synchronized File open(String name) throws IOException {
        call(!names.containsKey(name));
        return new SimulatedFile(names.computeIfAbsent(name, _ -> new Content()));
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        call(true);
        names.remove(name);
    }

    @Override
    public synchronized void syncNames() throws IOException {
        call(true);
        durableNames.clear();
        durableNames.putAll(names);
    }

    @Override
    public synchronized long freeBytes() {
        return capacity == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, capacity - used());
    }

    @Override
    public void close() {
        // The next may open it.
    }

    private final class SimulatedFile implements File {
        private final Content content;

        SimulatedFile(Content content) {
            this.content = content;
        }

        @Override
        public long size() throws IOException {
            synchronized (SimulatedDisk.this) {
                call(false);
                return content.size;
            }
        }

        @Override
        public void read(byte[] into, int offset, int count, long position) throws IOException {
            synchronized (SimulatedDisk.this) {
                call(false);
                if (position + count > content.size) {
                    throw new IOException("simulated: the file ends before that");
                }
                System.arraycopy(content.cache, (int) position, into, offset, count);
            }
        }

        @Override
        public void write(byte[] from, int offset, int count, long position) throws IOException {
            synchronized (SimulatedDisk.this) {
                boolean late = dead;
                try {
                    call(true);
                } catch (IOException | Crash e) {
                    if (late) {
                        throw e;
                    }
                    content.write(
                            from, offset, chance.nextInt(count + 1), (int) position); // The first part got through.
                    throw e;
                }
                long more = Math.max(0, position + count - content.size);
                long room = capacity == Long.MAX_VALUE ? more : Math.max(0, capacity - used());
                if (more > room) {
                    content.write(from, offset, (int) (count - more + room), (int) position);
                    full++;
                    throw new Full("simulated: No space left on device", new IOException());
                }
                content.write(from, offset, count, (int) position);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (SimulatedDisk.this) {
                call(true);
                content.truncate((int) size);
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (SimulatedDisk.this) {
                try {
                    call(true);
                } catch (IOException e) {
                    content.failSync(chance);
                    throw e;
                }
                content.sync();
                syncs++;
            }
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
