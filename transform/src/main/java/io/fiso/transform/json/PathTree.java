// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The paths that expressions look at below one value, and the register that each fills. The root is the value itself. Built by one thread; read only,
 * and safe for all, after {@link #seal}.
 */
public final class PathTree {
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

    /** After this nothing is added. */
    public void seal() {
        root.seal();
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

    /** A value that is wanted, or that has a wanted one below it. */
    static final class Node {
        int register = -1;
        /** The registers of its members, and of theirs. */
        int[] below = new int[0];

        private final Map<String, Node> members = new LinkedHashMap<>();
        private final byte[] name;
        private final int length;
        private final long first;
        /** The members by the hash of their names, where the next free place follows; at most a quarter is taken. */
        private @Nullable Node[] table = new Node[1];

        private Node(String name) {
            this.name = name.getBytes(StandardCharsets.UTF_8);
            this.length = this.name.length;
            this.first = first(this.name, 0, length);
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

        private void seal() {
            table = new Node[Math.max(4, Integer.highestOneBit(members.size()) * 8)];
            var registers = new ArrayList<Integer>();
            for (var member : members.values()) {
                member.seal();
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
