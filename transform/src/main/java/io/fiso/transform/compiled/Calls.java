// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import dev.cel.common.values.NullValue;
import io.fiso.transform.bounds.Weight;
import io.fiso.transform.json.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Values as objects, for functions and literals that have no shorter way. */
final class Calls {
    private Calls() {}

    static void attribute(Frame frame, int target, int name) {
        store(frame, target, frame.attribute(frame.program.names()[name]));
    }

    static void call(Frame frame, int target, int table, int site) {
        int[] registers = frame.program.tables()[table];
        var arguments = new Object[registers.length];
        for (int i = 0; i < registers.length; i++) {
            if (Truth.failed(frame.registers.kind[registers[i]])) {
                frame.registers.kind[target] = Kind.ERROR;
                return;
            }
            arguments[i] = frame.object(registers[i]);
        }
        keep(frame, target, answer(frame, site, arguments));
    }

    static void slow(Frame frame, int target, int a, int b, int site) {
        keep(frame, target, either(frame, a, b, site));
    }

    static void slow(Frame frame, int target, int a, int site) {
        keep(frame, target, Truth.failed(frame.registers.kind[a]) ? null : answer(frame, site, frame.object(a)));
    }

    static int slowTruth(Frame frame, int a, int b, int site) {
        return Truth.of(either(frame, a, b, site));
    }

    private static @Nullable Object either(Frame frame, int a, int b, int site) {
        return Truth.failed(frame.registers.kind[a]) || Truth.failed(frame.registers.kind[b])
                ? null
                : answer(frame, site, frame.object(a), frame.object(b));
    }

    /** @return null if the call failed */
    static @Nullable Object answer(Frame frame, int site, Object... arguments) {
        var effort = frame.effort();
        effort.checkTime();
        return frame.program.sites()[site].call(effort, arguments);
    }

    private static void keep(Frame frame, int target, @Nullable Object answer) {
        if (answer == null) {
            frame.registers.kind[target] = Kind.ERROR;
        } else {
            store(frame, target, answer);
        }
    }

    /** Puts an object into a register, unboxed where that keeps all there is to know. */
    static void store(Frame frame, int target, Object value) {
        var r = frame.registers;
        if (value instanceof String) {
            refer(frame, target, value);
            return;
        }
        switch (value) {
            case Long number -> Arithmetic.set(r, target, number.longValue());
            case Double number when frame.digits.of(number) == null -> Arithmetic.set(r, target, number.doubleValue());
            case Boolean decided -> r.kind[target] = decided ? Kind.TRUE : Kind.FALSE;
            case NullValue _ -> r.kind[target] = Kind.NULL;
            default -> {
                r.kind[target] = Kind.REFERENCE;
                r.ref[target] = value;
            }
        }
    }

    static void list(Frame frame, int target, int table) {
        int[] registers = frame.program.tables()[table];
        var list = new ArrayList<Object>(registers.length);
        for (int register : registers) {
            if (Truth.failed(frame.registers.kind[register])) {
                frame.registers.kind[target] = Kind.ERROR;
                return;
            }
            list.add(frame.object(register));
        }
        frame.effort().builds(list);
        refer(frame, target, list);
    }

    static void map(Frame frame, int target, int table, int names) {
        int[] registers = frame.program.tables()[table];
        int[] keys = frame.program.tables()[names];
        var map = new LinkedHashMap<String, Object>();
        for (int i = 0; i < registers.length; i++) {
            if (Truth.failed(frame.registers.kind[registers[i]])) {
                frame.registers.kind[target] = Kind.ERROR;
                return;
            }
            map.put(frame.program.names()[keys[i]], frame.object(registers[i]));
        }
        frame.effort().builds(map);
        refer(frame, target, map);
    }

    static void newList(Frame frame, int target) {
        refer(frame, target, new ArrayList<Object>());
    }

    // The list was made by newList, of objects.
    @SuppressWarnings("unchecked")
    static void append(Frame frame, int target, int element) {
        var value = frame.object(element);
        frame.effort().takes(Weight.ELEMENT);
        frame.effort().builds(value);
        ((List<Object>) Objects.requireNonNull(frame.registers.ref[target])).add(value);
    }

    private static void refer(Frame frame, int target, Object value) {
        frame.registers.kind[target] = Kind.REFERENCE;
        frame.registers.ref[target] = value;
    }
}
