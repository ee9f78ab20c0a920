// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.transform.bounds.Effort;
import io.fiso.transform.json.Digits;
import io.fiso.transform.json.JsonOutput;
import io.fiso.transform.json.JsonScanner;
import io.fiso.transform.json.Kind;
import io.fiso.transform.json.Materializer;
import io.fiso.transform.json.NotJsonException;
import io.fiso.transform.json.Registers;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What generated code works on: the registers and the output of one event. Used for event after event, by one thread at a time. */
public final class Frame {
    /** The clock is read once in so many steps of loops. */
    private static final int STEPS_PER_LOOK = 256;

    /** More scratch than this is given back after an event. */
    private static final int SCRATCH_KEPT = 1 << 16;

    /** See {@link #member()}. */
    public static final int NO_MEMBER = -1;

    private static final byte[] NOTHING = new byte[0];

    /** What the frame needs of the event, and of the interpreter. */
    public interface Surroundings {
        /** A variable that is not the payload, as cel-java has it. */
        Object attribute(String name);

        /** Writes a value that lies in no payload, nested so deep; false if that cannot be. */
        boolean write(JsonOutput out, @Nullable Object value, Digits digits, int depth);

        /** What the event's expressions may still take. */
        Effort effort();
    }

    final Program program;
    final Registers registers;
    final Digits digits;
    final int[] positions;
    final int[] indexes;
    final @Nullable List<?>[] lists;
    final int maxDepth;

    /** Where JSON goes. */
    public final JsonOutput out;

    private @Nullable Surroundings surroundings;
    /** A builder writes a double without making a string of it. */
    private final StringBuilder numberText = new StringBuilder(32);

    private int[] ends = new int[8];
    int member;
    private int elements;
    private int steps;
    private int constantText;

    Frame(Program program, Digits digits, int maxDepth, int maxOutputBytes) {
        this.program = program;
        this.digits = digits;
        this.registers = new Registers(program.registers(), program.lists());
        this.positions = new int[program.loops()];
        this.indexes = new int[program.loops()];
        this.lists = new List<?>[program.loops()];
        this.maxDepth = maxDepth;
        this.out = new JsonOutput(maxOutputBytes);
        for (var constant : program.constants()) {
            load(constant);
        }
        constantText = registers.scratchEnd;
    }

    private void load(Program.Constant constant) {
        if (constant.value() instanceof String text && text.equals(new String(text.getBytes(UTF_8), UTF_8))) {
            var bytes = text.getBytes(UTF_8);
            int start = registers.scratchEnd;
            if (start + bytes.length > registers.scratch.length) {
                registers.scratch = Arrays.copyOf(registers.scratch, (start + bytes.length) * 2);
            }
            System.arraycopy(bytes, 0, registers.scratch, start, bytes.length);
            registers.kind[constant.register()] = Kind.TEXT;
            registers.start[constant.register()] = start;
            registers.end[constant.register()] = start + bytes.length;
            registers.scratchEnd = start + bytes.length;
        } else {
            Calls.store(this, constant.register(), constant.value());
        }
    }

    /** Takes in an event: scans its payload for what the expressions look at. */
    public void open(Surroundings of, byte[] json, int from, int length) throws NotJsonException {
        surroundings = of;
        registers.scratchEnd = constantText;
        steps = 0;
        for (int memo : program.memos()) {
            registers.kind[memo] = Kind.UNSET;
        }
        JsonScanner.scan(program.payload(), registers, json, from, from + length, maxDepth);
    }

    /** Forgets the event. */
    public void close() {
        surroundings = null;
        registers.payload = NOTHING;
        digits.clear();
        if (registers.scratch.length > SCRATCH_KEPT && constantText < SCRATCH_KEPT) {
            registers.scratch = Arrays.copyOf(registers.scratch, SCRATCH_KEPT);
        }
        out.reset();
    }

    /** The value of a register as cel-java has it. */
    public Object object(int register) {
        return switch (registers.kind[register]) {
            case Kind.REFERENCE -> Objects.requireNonNull(registers.ref[register]);
            case Kind.ABSENT, Kind.ERROR, Kind.UNSET -> throw Trap.TRAP;
            default -> Materializer.value(registers, register, digits);
        };
    }

    Object attribute(String name) {
        return Objects.requireNonNull(surroundings).attribute(name);
    }

    void write(@Nullable Object value, int depth) {
        if (!Objects.requireNonNull(surroundings).write(out, value, digits, depth)) {
            throw Trap.TRAP;
        }
    }

    /** The digits of a double; good until the next call. */
    CharSequence digitsOf(double number) {
        numberText.setLength(0);
        return numberText.append(number);
    }

    /** Which member of an object is being written; {@link #NO_MEMBER} if all are. */
    public int member() {
        return member;
    }

    /** Called for every turn of a loop. */
    void step() {
        if ((++steps & STEPS_PER_LOOK - 1) == 0) {
            checkTime();
        }
    }

    Effort effort() {
        return Objects.requireNonNull(surroundings).effort();
    }

    void checkTime() {
        effort().checkTime();
    }

    // ---- elements ---------------------------------------------------------------------------------------------------

    /** Says that an element of a list has been written. */
    public void elementEnds() {
        if (elements == ends.length) {
            ends = Arrays.copyOf(ends, elements * 2);
        }
        ends[elements++] = out.size();
    }

    /** Forgets elements that were written. */
    public void noElements() {
        elements = 0;
    }

    /** How many elements were written. */
    public int elements() {
        return elements;
    }

    /** Where the element ends in the output; it starts where the one before it does. */
    public int elementEnd(int element) {
        return ends[element];
    }
}
