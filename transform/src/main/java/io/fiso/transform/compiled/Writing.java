// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.json.JsonScanner;
import io.fiso.transform.json.Kind;
import io.fiso.transform.json.Registers;
import java.util.List;
import java.util.Optional;

/** Values as JSON, straight into the output. */
final class Writing {
    private Writing() {}

    /** Text that is the same for every event. */
    static void text(Frame frame, int number, int length) {
        frame.out.raw(frame.program.texts()[number], 0, length);
    }

    /** What stands before a member of the object. */
    static void member(Frame frame, int member, int number, int length) {
        frame.member = member;
        text(frame, number, length);
    }

    static String quoted(String name) {
        var out = new io.fiso.transform.json.JsonOutput(Integer.MAX_VALUE);
        if (!out.string(name)) {
            throw new IllegalArgumentException("the name holds half a surrogate pair");
        }
        return new String(out.toByteArray(), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** @param depth how deep the value is nested in the output, itself included */
    static void value(Frame frame, int register, int depth) {
        var r = frame.registers;
        var out = frame.out;
        switch (r.kind[register]) {
            case Kind.NULL -> out.raw(Words.NULL);
            case Kind.FALSE -> out.raw(Words.FALSE);
            case Kind.TRUE -> out.raw(Words.TRUE);
            case Kind.INT -> out.number(r.bits[register]);
            case Kind.DOUBLE -> sound(out.number(Double.longBitsToDouble(r.bits[register])));
            case Kind.DECIMAL -> out.raw(r.payload, r.start[register], r.end[register]);
            case Kind.STRING -> out.raw(r.payload, r.start[register] - 1, r.end[register] + 1);
            case Kind.ESCAPED, Kind.TEXT -> {
                out.raw((byte) '"');
                content(frame, register);
                out.raw((byte) '"');
            }
            case Kind.OBJECT, Kind.ARRAY -> tree(frame, r, register, depth);
            case Kind.REFERENCE -> {
                var value = r.ref[register];
                if (value instanceof String text) {
                    sound(out.string(text));
                } else if (value instanceof Optional<?>) {
                    // Whether it is written at all depends on where it stands.
                    throw Trap.TRAP;
                } else {
                    frame.write(value, depth);
                }
            }
            default -> throw Trap.TRAP;
        }
    }

    private static void tree(Frame frame, Registers r, int register, int depth) {
        long bits = r.bits[register];
        if (depth + Registers.depth(bits) > frame.maxDepth) {
            throw Trap.TRAP;
        }
        frame.out.tree(r.payload, r.start[register], r.end[register], Registers.spaced(bits));
    }

    private static void content(Frame frame, int register) {
        var r = frame.registers;
        switch (r.kind[register]) {
            case Kind.STRING -> frame.out.raw(r.payload, r.start[register], r.end[register]);
            case Kind.ESCAPED -> sound(frame.out.escaped(r.payload, r.start[register], r.end[register]));
            case Kind.TEXT -> frame.out.utf8(r.scratch, r.start[register], r.end[register]);
            case Kind.REFERENCE -> {
                if (!(r.ref[register] instanceof String text)) {
                    throw Trap.TRAP;
                }
                var utf8 = Texts.utf8(text);
                frame.out.utf8(utf8, 0, utf8.length);
            }
            default -> throw Trap.TRAP;
        }
    }

    /** The texts of a table, as one string. */
    static void joined(Frame frame, int table) {
        frame.out.raw((byte) '"');
        for (int part : frame.program.tables()[table]) {
            content(frame, part);
        }
        frame.out.raw((byte) '"');
    }

    /** A comma, except before the first. */
    static void comma(Frame frame, int written) {
        if (frame.registers.bits[written] != 0) {
            frame.out.raw((byte) ',');
        }
        frame.registers.bits[written]++;
    }

    /** Gives up where a literal is nested so deep that its content has to be looked at. */
    static void deep(Frame frame, int depth) {
        if (depth >= frame.maxDepth) {
            throw Trap.TRAP;
        }
    }

    static void elementEnds(Frame frame) {
        frame.elementEnds();
    }

    /** Each element of a list. */
    static void elements(Frame frame, int register) {
        var r = frame.registers;
        if (r.kind[register] == Kind.REFERENCE && r.ref[register] instanceof List<?> list) {
            for (var element : list) {
                frame.write(element, 1);
                frame.elementEnds();
            }
        } else if (r.kind[register] == Kind.ARRAY) {
            long bits = r.bits[register];
            if (1 + Registers.depth(bits) > frame.maxDepth) {
                throw Trap.TRAP;
            }
            int at = JsonScanner.firstElement(r.payload, r.start[register]);
            while (at >= 0) {
                int after = JsonScanner.skip(r.payload, at);
                // A bare string may be escaped in more ways than one: the interpreter knows the one.
                if (r.payload[at] != '{' && r.payload[at] != '[') {
                    throw Trap.TRAP;
                }
                frame.out.tree(r.payload, at, after, Registers.spaced(bits));
                frame.elementEnds();
                at = JsonScanner.nextElement(r.payload, after);
            }
        } else {
            throw Trap.TRAP;
        }
    }

    private static void sound(boolean written) {
        if (!written) {
            throw Trap.TRAP;
        }
    }
}
