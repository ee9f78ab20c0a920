// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.TypeType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.fiso.transform.json.Digits;
import io.fiso.transform.json.JsonOutput;
import io.fiso.transform.json.JsonScanner;
import io.fiso.transform.json.Materializer;
import io.fiso.transform.json.NotJsonException;
import io.fiso.transform.json.Registers;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Between JSON text and the values that cel-java works on. Thread-safe. */
final class JsonFormat {
    private final int maxDepth;

    JsonFormat(int maxDepth) {
        this.maxDepth = maxDepth;
    }

    /** The parts of a payload that are needed. All of it is checked for being JSON. */
    Object read(byte[] json, int from, int length, NeededPaths needed, Digits digits) throws TransformException {
        var registers = new Registers(needed.registers());
        try {
            JsonScanner.scan(needed.tree(), registers, json, from, from + length, maxDepth);
        } catch (NotJsonException e) {
            throw new TransformException(e.message(json, from), e);
        }
        return needed.value(registers, digits);
    }

    /** @param depth how deep this value is nested if it is an object or array, itself included */
    void write(JsonOutput out, @Nullable Object value, Digits digits, int depth) throws TransformException {
        switch (value) {
            case null -> out.ascii("null");
            case NullValue _ -> out.ascii("null");
            case String text -> string(out, text);
            case Long number -> out.number(number);
            case Double number -> number(out, number, digits);
            case Boolean flag -> out.ascii(flag.toString());
            case Materializer.Source source -> {
                checkDepth(depth - 1 + Registers.depth(source.treeBits()));
                out.tree(source.json(), source.start(), source.end(), Registers.spaced(source.treeBits()));
            }
            case Map<?, ?> members -> object(out, members, digits, depth);
            case List<?> elements -> array(out, elements, digits, depth);
            case UnsignedLong number -> out.ascii(number.toString());
            case Instant time -> string(out, time.toString());
            case Duration duration -> string(out, seconds(duration));
            case CelByteString bytes -> string(out, Base64.getEncoder().encodeToString(bytes.toByteArray()));
            case Optional<?> optional -> write(out, optional.orElse(null), digits, depth);
            case TypeType type -> string(out, type.containingTypeName());
            case CelType type -> string(out, type.name());
            default ->
                throw new TransformException(
                        "a " + value.getClass().getSimpleName() + " has no form in JSON; convert it with string(...)");
        }
    }

    private void object(JsonOutput out, Map<?, ?> members, Digits digits, int depth) throws TransformException {
        checkDepth(depth);
        out.raw((byte) '{');
        int start = out.size();
        for (var member : members.entrySet()) {
            if (member.getValue() instanceof Optional<?> o && o.isEmpty()) {
                continue;
            }
            name(out, start, name(member.getKey()));
            write(out, member.getValue(), digits, depth + 1);
        }
        out.raw((byte) '}');
    }

    /**
     * Writes a member's name and its colon, and what parts it from the member before.
     *
     * @param start how long the output was when the object had no members yet
     */
    static void name(JsonOutput out, int start, String name) throws TransformException {
        if (out.size() > start) {
            out.raw((byte) ',');
        }
        string(out, name);
        out.raw((byte) ':');
    }

    private void array(JsonOutput out, List<?> elements, Digits digits, int depth) throws TransformException {
        checkDepth(depth);
        out.raw((byte) '[');
        int start = out.size();
        for (var element : elements) {
            if (out.size() > start) {
                out.raw((byte) ',');
            }
            write(out, element, digits, depth + 1);
        }
        out.raw((byte) ']');
    }

    private void checkDepth(int depth) throws TransformException {
        if (depth > maxDepth) {
            throw new TransformException("the output nests deeper than " + maxDepth);
        }
    }

    private static void string(JsonOutput out, String text) throws TransformException {
        if (!out.string(text)) {
            throw new TransformException("a text holds half of a surrogate pair, which UTF-8 cannot carry");
        }
    }

    private static void number(JsonOutput out, Double number, Digits digits) throws TransformException {
        var written = digits.of(number);
        if (written != null) {
            out.ascii(written);
        } else if (!out.number((double) number)) {
            throw new TransformException("the result " + number + " is no number JSON can carry");
        }
    }

    private static String name(Object key) throws TransformException {
        return switch (key) {
            case String text -> text;
            case Long _, UnsignedLong _, Boolean _ -> key.toString();
            default ->
                throw new TransformException("a map's key must be a string, an integer or a bool to become JSON");
        };
    }

    private static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.getSeconds())
                        .add(BigDecimal.valueOf(duration.getNano(), 9))
                        .stripTrailingZeros()
                        .toPlainString()
                + "s";
    }
}
