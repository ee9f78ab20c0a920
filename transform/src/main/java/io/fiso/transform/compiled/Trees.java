// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.json.JsonScanner;
import io.fiso.transform.json.Kind;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looking into values that are not the payload itself. */
final class Trees {
    private Trees() {}

    /** Fills a tree from the value of a register. */
    static void look(Frame frame, int tree, int base) {
        var r = frame.registers;
        switch (r.kind[base]) {
            case Kind.OBJECT, Kind.ARRAY ->
                JsonScanner.scanValue(frame.program.trees()[tree].paths(), r, r.start[base]);
            case Kind.REFERENCE -> fill(frame, tree, r.ref[base]);
            default -> {
                int root = reset(frame, tree);
                Truth.copy(frame, root, base);
            }
        }
    }

    /** Fills a tree from an element of a list, or a member of a map. */
    static void element(Frame frame, int tree, int base, int index, int site) {
        var r = frame.registers;
        if (r.kind[base] == Kind.ARRAY && r.kind[index] == Kind.INT) {
            long wanted = r.bits[index];
            int at = wanted < 0 ? -1 : JsonScanner.firstElement(r.payload, r.start[base]);
            for (long i = 0; at >= 0 && i < wanted; i++) {
                at = JsonScanner.nextElement(r.payload, JsonScanner.skip(r.payload, at));
            }
            if (at < 0) {
                r.kind[reset(frame, tree)] = Kind.ERROR;
            } else {
                JsonScanner.scanValue(frame.program.trees()[tree].paths(), r, at);
            }
        } else if (Truth.failed(r.kind[base]) || Truth.failed(r.kind[index])) {
            r.kind[reset(frame, tree)] = Kind.ERROR;
        } else {
            fill(frame, tree, Calls.answer(frame, site, frame.object(base), frame.object(index)));
        }
    }

    /** Fills a tree from an object that lies in no payload; null is a failure. */
    static void fill(Frame frame, int tree, @Nullable Object value) {
        reset(frame, tree);
        for (var part : frame.program.trees()[tree].parts()) {
            var found = below(value, part.members());
            if (found != null) {
                Calls.store(frame, part.register(), found);
            } else if (part.members().isEmpty()) {
                frame.registers.kind[part.register()] = Kind.ERROR;
            }
        }
    }

    private static @Nullable Object below(@Nullable Object value, List<String> members) {
        var place = value;
        for (var member : members) {
            if (!(place instanceof Map<?, ?> map)) {
                return null;
            }
            place = map.get(member);
        }
        return place;
    }

    /** @return the root's register */
    private static int reset(Frame frame, int tree) {
        int root = 0;
        for (var part : frame.program.trees()[tree].parts()) {
            frame.registers.kind[part.register()] = Kind.ABSENT;
            if (part.members().isEmpty()) {
                root = part.register();
            }
        }
        return root;
    }

    /** Whether a member is there, in what should be an object. */
    static int has(Frame frame, int holder, int member) {
        var r = frame.registers;
        return switch (r.kind[holder]) {
            case Kind.OBJECT -> Truth.of(r.kind[member] != Kind.ABSENT);
            case Kind.REFERENCE -> {
                if (!(r.ref[holder] instanceof Map<?, ?>)) {
                    throw Trap.TRAP;
                }
                yield Truth.of(r.kind[member] != Kind.ABSENT);
            }
            default -> Truth.ERROR;
        };
    }

    /** Whether the last of a chain of optional members is there; the first of the table is what the chain starts from. */
    static int optional(Frame frame, int table) {
        var kind = frame.registers.kind;
        int[] chain = frame.program.tables()[table];
        for (int i = 0; i < chain.length - 1; i++) {
            byte holder = kind[chain[i]];
            if (holder == Kind.ABSENT && i > 0) {
                return Truth.FALSE;
            }
            if (holder == Kind.REFERENCE) {
                if (!(frame.registers.ref[chain[i]] instanceof Map<?, ?>)) {
                    throw Trap.TRAP;
                }
            } else if (holder != Kind.OBJECT) {
                return Truth.ERROR;
            }
        }
        return Truth.of(kind[chain[chain.length - 1]] != Kind.ABSENT);
    }
}
