// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.json.JsonNumbers;
import io.fiso.transform.json.Kind;
import io.fiso.transform.json.Registers;

/** Numbers of registers, unboxed. Whatever is no plain number goes to the function's bindings. */
final class Arithmetic {
    private Arithmetic() {}

    static void add(Frame frame, int target, int a, int b, int site) {
        var r = frame.registers;
        byte left = r.kind[a];
        byte right = r.kind[b];
        if (left == Kind.INT && right == Kind.INT) {
            long x = r.bits[a];
            long y = r.bits[b];
            long sum = x + y;
            if (((x ^ sum) & (y ^ sum)) < 0) {
                r.kind[target] = Kind.ERROR;
            } else {
                set(r, target, sum);
            }
        } else if (isNumber(left) && isNumber(right)) {
            set(r, target, number(r, a) + number(r, b));
        } else if (Texts.isText(left) && Texts.isText(right)) {
            Texts.join(frame, target, a, b);
        } else {
            Calls.slow(frame, target, a, b, site);
        }
    }

    static void subtract(Frame frame, int target, int a, int b, int site) {
        var r = frame.registers;
        byte left = r.kind[a];
        byte right = r.kind[b];
        if (left == Kind.INT && right == Kind.INT) {
            long x = r.bits[a];
            long y = r.bits[b];
            long difference = x - y;
            if (((x ^ y) & (x ^ difference)) < 0) {
                r.kind[target] = Kind.ERROR;
            } else {
                set(r, target, difference);
            }
        } else if (isNumber(left) && isNumber(right)) {
            set(r, target, number(r, a) - number(r, b));
        } else {
            Calls.slow(frame, target, a, b, site);
        }
    }

    static void multiply(Frame frame, int target, int a, int b, int site) {
        var r = frame.registers;
        byte left = r.kind[a];
        byte right = r.kind[b];
        if (left == Kind.INT && right == Kind.INT) {
            long x = r.bits[a];
            long y = r.bits[b];
            long product = x * y;
            if (Math.multiplyHigh(x, y) != product >> 63) {
                r.kind[target] = Kind.ERROR;
            } else {
                set(r, target, product);
            }
        } else if (isNumber(left) && isNumber(right)) {
            set(r, target, number(r, a) * number(r, b));
        } else {
            Calls.slow(frame, target, a, b, site);
        }
    }

    static void divide(Frame frame, int target, int a, int b, int site) {
        var r = frame.registers;
        byte left = r.kind[a];
        byte right = r.kind[b];
        if (left == Kind.INT && right == Kind.INT) {
            long y = r.bits[b];
            if (y == 0 || (y == -1 && r.bits[a] == Long.MIN_VALUE)) {
                r.kind[target] = Kind.ERROR;
            } else {
                set(r, target, r.bits[a] / y);
            }
        } else if (isNumber(left) && isNumber(right)) {
            set(r, target, number(r, a) / number(r, b));
        } else {
            Calls.slow(frame, target, a, b, site);
        }
    }

    static void modulo(Frame frame, int target, int a, int b, int site) {
        var r = frame.registers;
        if (r.kind[a] == Kind.INT && r.kind[b] == Kind.INT && r.bits[b] != 0) {
            set(r, target, r.bits[a] % r.bits[b]);
        } else {
            Calls.slow(frame, target, a, b, site);
        }
    }

    static void negate(Frame frame, int target, int a, int site) {
        var r = frame.registers;
        byte kind = r.kind[a];
        if (kind == Kind.INT && r.bits[a] != Long.MIN_VALUE) {
            set(r, target, -r.bits[a]);
        } else if (kind == Kind.DOUBLE || kind == Kind.DECIMAL) {
            set(r, target, -number(r, a));
        } else {
            Calls.slow(frame, target, a, site);
        }
    }

    static void zero(Frame frame, int register) {
        set(frame.registers, register, 0L);
    }

    static void increment(Frame frame, int register) {
        frame.registers.bits[register]++;
    }

    static int isOne(Frame frame, int register) {
        return Truth.of(frame.registers.bits[register] == 1);
    }

    static boolean isNumber(byte kind) {
        return kind == Kind.INT || kind == Kind.DOUBLE || kind == Kind.DECIMAL;
    }

    /** The value of a number, whatever its kind. */
    static double number(Registers r, int register) {
        return switch (r.kind[register]) {
            case Kind.INT -> r.bits[register];
            case Kind.DOUBLE -> Double.longBitsToDouble(r.bits[register]);
            default -> JsonNumbers.parse(r.payload, r.start[register], r.end[register]);
        };
    }

    static void set(Registers r, int register, long value) {
        r.kind[register] = Kind.INT;
        r.bits[register] = value;
    }

    static void set(Registers r, int register, double value) {
        r.kind[register] = Kind.DOUBLE;
        r.bits[register] = Double.doubleToRawLongBits(value);
    }
}
