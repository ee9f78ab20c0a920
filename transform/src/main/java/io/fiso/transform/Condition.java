// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import io.fiso.transform.bounds.Effort;
import io.fiso.transform.bounds.Exhausted;
import io.fiso.transform.json.Digits;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An expression over variables that its user names, and that decides: yes or no. Thread-safe. */
public final class Condition {
    private static final NeededPaths EVERYTHING = new NeededPaths();

    static {
        EVERYTHING.add(List.of());
    }

    private final CelRuntime.Program program;
    private final JsonFormat json;
    private final Limits limits;

    private Condition(CelRuntime.Program program, Limits limits) {
        this.program = program;
        this.limits = limits;
        this.json = new JsonFormat(limits.maxDepth());
    }

    /**
     * Checks and compiles.
     *
     * @param variables the names there are, of any type, in the order that messages list them
     */
    public static Condition compile(String expression, List<String> variables) throws InvalidExpressionException {
        return new Condition(CelLanguage.program(CelLanguage.check(expression, variables)), Limits.DEFAULT);
    }

    /**
     * Decides.
     *
     * @param values a value for each variable: text, numbers, booleans, {@code Instant}, maps and lists of them, null; {@code byte[]} is read
     *     as JSON, and is null if it is none
     * @throws TransformException if it cannot be evaluated, or is neither true nor false
     */
    public boolean test(Map<String, ? extends @Nullable Object> values) throws TransformException {
        Map<String, Object> scope = new HashMap<>();
        scope.put(OwnFunctions.NOW, InstantSource.system().instant());
        var effort = new Effort(limits.timeout(), limits.maxBuiltBytes());
        scope.put(EventJson.VARIABLE, new EventJson(json, new Digits(), limits.maxOutputBytes(), effort));
        values.forEach((name, value) -> scope.put(name, known(value)));
        Object result;
        try {
            result = Watch.evaluate(program, name -> Optional.ofNullable(scope.get(name)), effort);
        } catch (Exhausted e) {
            throw new TransformException(e.getMessage(), e);
        } catch (CelEvaluationException e) {
            throw new TransformException(Evaluation.Program.plain(e), e);
        }
        if (result instanceof Boolean decision) {
            return decision;
        }
        throw new TransformException("the expression must be true or false, and is a "
                + result.getClass().getSimpleName());
    }

    private Object known(@Nullable Object value) {
        return switch (value) {
            case null -> NullValue.NULL_VALUE;
            case Integer number -> number.longValue();
            case byte[] text -> parsed(text);
            default -> value;
        };
    }

    private Object parsed(byte[] text) {
        try {
            return json.read(text, 0, text.length, EVERYTHING, new Digits());
        } catch (TransformException _) {
            return NullValue.NULL_VALUE;
        }
    }
}
