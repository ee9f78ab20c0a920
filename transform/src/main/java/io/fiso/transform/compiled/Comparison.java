// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.json.Kind;
import io.fiso.transform.json.Registers;

/** Order and equality, across kinds of numbers as cel-java has them. Answers truth values. */
final class Comparison {
    private static final double INT_MIN = Long.MIN_VALUE;
    private static final double INT_MAX = Long.MAX_VALUE;

    private Comparison() {}

    static int less(Frame frame, int a, int b, int site) {
        var r = frame.registers;
        byte left = r.kind[a];
        byte right = r.kind[b];
        if (left == Kind.INT && right == Kind.INT) {
            return Truth.of(r.bits[a] < r.bits[b]);
        }
        if (Arithmetic.isNumber(left) && Arithmetic.isNumber(right)) {
            return left != Kind.INT && right != Kind.INT
                    ? Truth.of(Arithmetic.number(r, a) < Arithmetic.number(r, b))
                    : Truth.of(compareMixed(r, a, b) < 0);
        }
        return Calls.slowTruth(frame, a, b, site);
    }

    static int lessOrEqual(Frame frame, int a, int b, int site) {
        var r = frame.registers;
        byte left = r.kind[a];
        byte right = r.kind[b];
        if (left == Kind.INT && right == Kind.INT) {
            return Truth.of(r.bits[a] <= r.bits[b]);
        }
        if (Arithmetic.isNumber(left) && Arithmetic.isNumber(right)) {
            return left != Kind.INT && right != Kind.INT
                    ? Truth.of(Arithmetic.number(r, a) <= Arithmetic.number(r, b))
                    : Truth.of(compareMixed(r, a, b) <= 0);
        }
        return Calls.slowTruth(frame, a, b, site);
    }

    static int greater(Frame frame, int a, int b, int site) {
        var r = frame.registers;
        byte left = r.kind[a];
        byte right = r.kind[b];
        if (left == Kind.INT && right == Kind.INT) {
            return Truth.of(r.bits[a] > r.bits[b]);
        }
        if (Arithmetic.isNumber(left) && Arithmetic.isNumber(right)) {
            return left != Kind.INT && right != Kind.INT
                    ? Truth.of(Arithmetic.number(r, a) > Arithmetic.number(r, b))
                    : Truth.of(compareMixed(r, a, b) > 0);
        }
        return Calls.slowTruth(frame, a, b, site);
    }

    static int greaterOrEqual(Frame frame, int a, int b, int site) {
        var r = frame.registers;
        byte left = r.kind[a];
        byte right = r.kind[b];
        if (left == Kind.INT && right == Kind.INT) {
            return Truth.of(r.bits[a] >= r.bits[b]);
        }
        if (Arithmetic.isNumber(left) && Arithmetic.isNumber(right)) {
            return left != Kind.INT && right != Kind.INT
                    ? Truth.of(Arithmetic.number(r, a) >= Arithmetic.number(r, b))
                    : Truth.of(compareMixed(r, a, b) >= 0);
        }
        return Calls.slowTruth(frame, a, b, site);
    }

    /** An integer beside a decimal. */
    private static int compareMixed(Registers r, int a, int b) {
        return r.kind[a] == Kind.INT
                ? -compare(Arithmetic.number(r, b), r.bits[a])
                : compare(Arithmetic.number(r, a), r.bits[b]);
    }

    private static int compare(double decimal, long integer) {
        if (decimal < INT_MIN) {
            return -1;
        }
        if (decimal > INT_MAX) {
            return 1;
        }
        return Double.compare(decimal, (double) integer);
    }

    static int equal(Frame frame, int a, int b, int site) {
        var r = frame.registers;
        byte left = r.kind[a];
        byte right = r.kind[b];
        if (Truth.failed(left) || Truth.failed(right)) {
            return Truth.ERROR;
        }
        if (left >= Kind.OBJECT || right >= Kind.OBJECT) {
            return equalObjects(frame, a, b, site);
        }
        return Truth.of(same(frame, a, b));
    }

    private static int equalObjects(Frame frame, int a, int b, int site) {
        if (isString(frame, a) && isString(frame, b)) {
            return Truth.of(frame.object(a).equals(frame.object(b)));
        }
        return Calls.slowTruth(frame, a, b, site);
    }

    private static boolean isString(Frame frame, int register) {
        byte kind = frame.registers.kind[register];
        return Texts.isText(kind) || (kind == Kind.REFERENCE && frame.registers.ref[register] instanceof String);
    }

    /** Two values that are neither trees nor references. */
    private static boolean same(Frame frame, int a, int b) {
        var r = frame.registers;
        byte left = r.kind[a];
        byte right = r.kind[b];
        if (Texts.isText(left)) {
            return Texts.isText(right) && Texts.equal(frame, a, b);
        }
        if (!Arithmetic.isNumber(left)) {
            return left == right;
        }
        if (!Arithmetic.isNumber(right)) {
            return false;
        }
        if (left == Kind.INT && right == Kind.INT) {
            return r.bits[a] == r.bits[b];
        }
        return left != Kind.INT && right != Kind.INT
                ? Arithmetic.number(r, a) == Arithmetic.number(r, b)
                : compareMixed(r, a, b) == 0;
    }

    /** Whether a value is one of the literals in the registers of a table. */
    static int oneOf(Frame frame, int value, int table) {
        byte kind = frame.registers.kind[value];
        if (Truth.failed(kind)) {
            return Truth.ERROR;
        }
        if (kind == Kind.REFERENCE && frame.registers.ref[value] instanceof String text) {
            for (int literal : frame.program.tables()[table]) {
                if (isString(frame, literal) && frame.object(literal).equals(text)) {
                    return Truth.TRUE;
                }
            }
            return Truth.FALSE;
        }
        if (kind >= Kind.OBJECT) {
            throw Trap.TRAP;
        }
        for (int literal : frame.program.tables()[table]) {
            if (same(frame, value, literal)) {
                return Truth.TRUE;
            }
        }
        return Truth.FALSE;
    }
}
