// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The paths that expressions look at below one value, and the register that each fills. The root is the value itself. Built by one thread; after {@link
 * #seal} safe for all, and the same for all but for what it has learnt of how payloads are written.
 */
public final class PathTree {
    /** More than so much is not learnt: payloads have no order then, or no end. */
    private static final int MOST_LEARNT = 2_048;

    final Node root = new Node("");
    private final IntSupplier nextRegister;
    private int[] all = new int[0];

    public PathTree(IntSupplier nextRegister) {
        this.nextRegister = nextRegister;
    }

    /** The register that a path fills: one more if nobody asked for it yet. The empty path is the value itself. */
    public int register(List<String> path) {
        var node = root;
        for (var name : path) {
            node = node.members.computeIfAbsent(name, Node::new);
        }
        if (node.register < 0) {
            node.register = nextRegister.getAsInt();
        }
        return node.register;
    }

    /** Keeps the elements of the list at that path in {@link Registers#rows}, under this number. */
    public void keepRows(List<String> path, int list) {
        var node = root;
        for (var name : path) {
            node = node.members.computeIfAbsent(name, Node::new);
        }
        node.list = list;
    }

    /** After this nothing is added. */
    public void seal() {
        root.seal(new Lessons(MOST_LEARNT));
        all = root.below;
        if (root.register >= 0) {
            all = Arrays.copyOf(all, all.length + 1);
            all[all.length - 1] = root.register;
        }
    }

    /** Whether there is nothing to read. */
    public boolean isEmpty() {
        return root.register < 0 && root.members.isEmpty();
    }

    void clear(Registers r) {
        clear(r.kind, all);
    }

    static void clear(byte[] kind, int[] registers) {
        for (int register : registers) {
            kind[register] = Kind.ABSENT;
        }
    }

    /** How much may still be learnt. Threads that count at the same time may learn a little more. */
    private static final class Lessons {
        private int left;

        Lessons(int left) {
            this.left = left;
        }

        boolean another() {
            return left > 0 && left-- > 0;
        }
    }

    /** A value that is wanted, or that has a wanted one below it. */
    static final class Node {
        int register = -1;
        /** The number of the rows that its elements are kept in; negative if they are not kept. */
        int list = -1;
        /** The registers of its members, and of theirs. */
        int[] below = new int[0];

        private final Map<String, Node> members = new LinkedHashMap<>();
        private final byte[] name;
        private final int length;
        private final long first;
        /** The members by the hash of their names, where the next free place follows; at most a quarter is taken. */
        private @Nullable Node[] table = new Node[1];

        /** The name that payloads begin this object with. */
        @Nullable
        ExpectedName firstExpected;

        /** How this member's own name stood there. */
        private @Nullable ExpectedName expected;

        private @Nullable Node element;
        private Lessons lessons = new Lessons(0);

        private Node(String name) {
            this.name = name.getBytes(StandardCharsets.UTF_8);
            this.length = this.name.length;
            this.first = first(this.name, 0, length);
        }

        /** A value that nobody wants, but which is read faster when its names are expected. */
        private Node(Lessons lessons) {
            this("");
            this.lessons = lessons;
        }

        /**
         * Learns from a name that was not expected.
         *
         * @param before the name before it, null if it is the object's first
         * @param start its opening quote
         * @param end behind its colon
         * @param member what it leads to, if that is wanted
         * @return the name as it can be expected from now on; null if nothing is learnt any more
         */
        @Nullable
        ExpectedName learn(
                @Nullable ExpectedName before, byte[] json, int start, int end, int to, @Nullable Node member) {
            var known = member == null ? null : member.expected;
            boolean stands = known != null && known.standsAt(json, start, to);
            if (!lessons.another()) {
                return stands ? known : null;
            }
            if (known == null || !stands) {
                known = new ExpectedName(json, start, end, member == null ? new Node(lessons) : member);
                if (member != null) {
                    member.expected = known;
                }
            }
            if (before == null) {
                firstExpected = known;
            } else {
                before.next = known;
            }
            return known;
        }

        /** What the elements of an array are read with; null if nothing is learnt any more. */
        @Nullable
        Node element() {
            var known = element;
            if (known == null && lessons.another()) {
                known = new Node(lessons);
                // Other threads must not see it before its fields. What an expected name leads to is safe behind a
                // final field.
                VarHandle.storeStoreFence();
                element = known;
            }
            return known;
        }

        boolean hasMembers() {
            return below.length > 0;
        }

        /** The member with a name that is written without escapes; null if nobody wants it. */
        @Nullable
        Node member(byte[] json, int start, int length) {
            long word = first(json, start, length);
            var nodes = table;
            int mask = nodes.length - 1;
            int slot = slot(word, length) & mask;
            for (var node = nodes[slot]; node != null; node = nodes[slot]) {
                if (node.first == word && node.length == length && (length <= 8 || node.endsLike(json, start))) {
                    return node;
                }
                slot = slot + 1 & mask;
            }
            return null;
        }

        /** The first eight bytes have been compared. */
        private boolean endsLike(byte[] json, int start) {
            return length <= 16
                    ? Words.get(name, length - 8) == Words.get(json, start + length - 8)
                    : Arrays.equals(name, 8, length, json, start + 8, start + length);
        }

        private static long first(byte[] text, int start, int length) {
            if (start + 8 > text.length) {
                return firstBytes(text, start, Math.min(8, length));
            }
            long word = Words.get(text, start);
            return length >= 8 ? word : word & ~(-1L << (length << 3));
        }

        private static long firstBytes(byte[] text, int start, int length) {
            long word = 0;
            for (int i = 0; i < length; i++) {
                word |= (text[start + i] & 0xffL) << (i << 3);
            }
            return word;
        }

        private static int slot(long word, int length) {
            return (int) ((word + length) * 0x9E3779B97F4A7C15L >>> 40);
        }

        private void seal(Lessons learnt) {
            lessons = learnt;
            table = new Node[Math.max(4, Integer.highestOneBit(members.size()) * 8)];
            var registers = new ArrayList<Integer>();
            for (var member : members.values()) {
                member.seal(learnt);
                insert(member);
                if (member.register >= 0) {
                    registers.add(member.register);
                }
                Arrays.stream(member.below).forEach(registers::add);
            }
            below = registers.stream().mapToInt(Integer::intValue).toArray();
        }

        private void insert(Node member) {
            int mask = table.length - 1;
            int slot = slot(member.first, member.length) & mask;
            while (table[slot] != null) {
                slot = slot + 1 & mask;
            }
            table[slot] = member;
        }
    }
}
