// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.json.Kind;

/** Truth values on the JVM's stack, and what registers say of them. */
final class Truth {
    static final int FALSE = 0;
    static final int TRUE = 1;

    /** Neither: evaluating failed, which only matters if the other side does not decide. */
    static final int ERROR = 2;

    private Truth() {}

    static int of(boolean value) {
        return value ? TRUE : FALSE;
    }

    static int of(Frame frame, int register) {
        return switch (frame.registers.kind[register]) {
            case Kind.FALSE -> FALSE;
            case Kind.TRUE -> TRUE;
            case Kind.ABSENT, Kind.ERROR -> ERROR;
            default -> throw Trap.TRAP;
        };
    }

    /** A call's answer, null for a failure. */
    static int of(@org.jspecify.annotations.Nullable Object answer) {
        if (answer == null) {
            return ERROR;
        }
        if (answer instanceof Boolean decided) {
            return of(decided.booleanValue());
        }
        throw Trap.TRAP;
    }

    static int isSet(Frame frame, int register) {
        return of(frame.registers.kind[register] != Kind.UNSET);
    }

    static void setTrue(Frame frame, int register) {
        frame.registers.kind[register] = Kind.TRUE;
    }

    static void setFalse(Frame frame, int register) {
        frame.registers.kind[register] = Kind.FALSE;
    }

    static void fail(Frame frame, int register) {
        frame.registers.kind[register] = Kind.ERROR;
    }

    static void trap(Frame frame) {
        throw Trap.TRAP;
    }

    /** Gives up on a value that there is not. */
    static void sound(Frame frame, int register) {
        if (failed(frame.registers.kind[register])) {
            throw Trap.TRAP;
        }
    }

    static boolean failed(byte kind) {
        return kind == Kind.ABSENT || kind == Kind.ERROR;
    }

    static void copy(Frame frame, int target, int source) {
        if (target != source) {
            var r = frame.registers;
            r.kind[target] = r.kind[source];
            r.start[target] = r.start[source];
            r.end[target] = r.end[source];
            r.bits[target] = r.bits[source];
            r.ref[target] = r.ref[source];
        }
    }
}
