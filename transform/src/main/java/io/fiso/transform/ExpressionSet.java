// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import io.fiso.transform.compiled.CompiledExpressions;
import io.fiso.transform.compiled.CompiledExpressions.ObjectOf;
import io.fiso.transform.compiled.CompiledExpressions.Purpose;
import io.fiso.transform.compiled.CompiledExpressions.Source;
import io.fiso.transform.json.JsonOutput;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Expressions that are evaluated over the same event: its payload is read once for all of them. Made with a {@link Builder}, which answers a handle
 * for each; {@link #over} evaluates.
 *
 * <ol>
 *   <li>Thread-safe; each {@link Evaluated} belongs to one thread.
 *   <li>Every expression is compiled, or interpreted where the compiler does not cover it ({@link #interpreted}). Both give the same: the compiled
 *       code gives up where an evaluation fails or meets what it was not made for, and then the interpreter evaluates that expression for that
 *       event ({@link #fallbacks}).
 * </ol>
 */
public final class ExpressionSet {
    /** An expression of a set, by what it is asked for with. */
    public sealed interface Handle {
        /**
         * An object of named expressions, or a single value: {@link Evaluated#json}.
         *
         * @param object the object's number; negative for a single value
         */
        record Json(List<Field> fields, int object) implements Handle {
            boolean isObject() {
                return object >= 0;
            }
        }

        /** True or false: {@link Evaluated#test}. */
        record Condition(int expression) implements Handle {}

        /** A value as an object: {@link Evaluated#value}. */
        record Value(int expression) implements Handle {}

        /** A list whose elements stand alone: {@link Evaluated#elements}. */
        record Elements(int expression) implements Handle {}
    }

    /**
     * A field of an object.
     *
     * @param prefix the name, as it stands in JSON before the value, and the comma before it
     */
    record Field(int expression, byte[] prefix) {}

    /** An expression that the compiler does not cover. */
    public record Interpreted(String label, String expression, String reason) {}

    /** As many as threads are likely to be at work at once. A power of two. */
    private static final int IDLE = 16;

    /** @param subject how messages call it */
    record Entry(String label, String subject, String expression, Evaluation evaluation, Purpose purpose, int depth) {}

    private final List<Entry> entries;
    private final CompiledExpressions compiled;
    private final boolean compile;
    private final NeededPaths needed = new NeededPaths();
    private final JsonFormat json;
    private final Limits limits;
    private final InstantSource clock;
    private final boolean readsPayload;
    private final LongAdder fallbacks = new LongAdder();
    private final AtomicReferenceArray<@Nullable Evaluated> idle = new AtomicReferenceArray<>(IDLE);

    private ExpressionSet(
            List<Entry> entries,
            List<ObjectOf> objects,
            Limits limits,
            InstantSource clock,
            boolean compile,
            boolean anyPayload) {
        this.entries = List.copyOf(entries);
        this.limits = limits;
        this.clock = clock;
        this.compile = compile;
        this.json = new JsonFormat(limits.maxDepth());
        entries.forEach(entry -> entry.evaluation().need(needed));
        this.readsPayload = !anyPayload
                || entries.stream().anyMatch(entry -> entry.evaluation().readsPayload());
        this.compiled = CompiledExpressions.compile(
                compile
                        ? entries.stream()
                                .map(entry -> new Source(entry.evaluation().text(), entry.purpose(), entry.depth()))
                                .toList()
                        : List.of(),
                compile ? objects : List.of(),
                CelLanguage::bindings,
                limits.maxDepth(),
                limits.maxOutputBytes());
    }

    public static Builder builder(Limits limits) {
        return builder(limits, InstantSource.system());
    }

    /** @param clock what {@code now()} says; read once per event */
    public static Builder builder(Limits limits, InstantSource clock) {
        return new Builder(limits, clock);
    }

    /** The expressions that are interpreted, with the reasons. */
    public List<Interpreted> interpreted() {
        var found = new ArrayList<Interpreted>();
        for (int i = 0; i < entries.size(); i++) {
            var reason = compile ? compiled.whyNot(i) : "nothing is compiled";
            if (reason != null) {
                var entry = entries.get(i);
                found.add(new Interpreted(entry.label(), entry.expression(), reason));
            }
        }
        return found;
    }

    /** How many expressions there are. */
    public int size() {
        return entries.size();
    }

    /** How often a compiled expression was left to the interpreter, since it failed or met what it was not made for. */
    public long fallbacks() {
        return fallbacks.sum();
    }

    /**
     * Reads an event.
     *
     * @return to be closed, and not to be used after that: it serves another event then
     * @throws TransformException if its payload is not JSON
     */
    public Evaluated over(EventView event) throws TransformException {
        var used = idle.getAndSet(slot(), null);
        var evaluated = used == null ? new Evaluated(this) : used;
        evaluated.open(event);
        return evaluated;
    }

    void giveBack(Evaluated evaluated) {
        idle.setRelease(slot(), evaluated);
    }

    private static int slot() {
        return (int) Thread.currentThread().threadId() & IDLE - 1;
    }

    List<Entry> entries() {
        return entries;
    }

    boolean isCompiled(int entry) {
        return compile && compiled.whyNot(entry) == null;
    }

    /** Whether that object is written by compiled code as a whole. */
    boolean isWhole(int object) {
        return compile && compiled.isWhole(object);
    }

    CompiledExpressions compiled() {
        return compiled;
    }

    NeededPaths needed() {
        return needed;
    }

    JsonFormat format() {
        return json;
    }

    Limits limits() {
        return limits;
    }

    InstantSource clock() {
        return clock;
    }

    /** Whether the payload must be JSON. */
    boolean readsPayload() {
        return readsPayload;
    }

    void fellBack() {
        fallbacks.increment();
    }

    /** Collects expressions; the mistakes of all of them are reported at once. */
    public static final class Builder {
        private final Limits limits;
        private final List<Entry> entries = new ArrayList<>();
        private final List<ObjectOf> objects = new ArrayList<>();
        private final List<ExpressionProblem> problems = new ArrayList<>();
        private final InstantSource clock;
        private boolean compile = true;
        private boolean anyPayload;

        private Builder(Limits limits, InstantSource clock) {
            this.limits = limits;
            this.clock = clock;
        }

        /** Takes events whose payload is no JSON, if no expression looks at it. */
        public Builder anyPayload() {
            anyPayload = true;
            return this;
        }

        /** Interprets all of it; what the compiled code must agree with. */
        Builder interpretedOnly() {
            compile = false;
            return this;
        }

        /** A JSON object; each name with its expression. */
        public Handle.Json object(Map<String, String> expressions) {
            var fields = new ArrayList<Field>();
            expressions.forEach((name, expression) -> {
                int index = add(
                        name,
                        "field \"" + name + "\"",
                        "fields." + name,
                        expression,
                        Purpose.JSON,
                        ExpressionKind.VALUE,
                        2);
                fields.add(new Field(index, prefix(name)));
            });
            objects.add(new ObjectOf(
                    expressions.keySet().stream().map(Builder::name).toList(),
                    fields.stream().map(Field::expression).toList()));
            return new Handle.Json(List.copyOf(fields), objects.size() - 1);
        }

        private static byte[] prefix(String name) {
            return ("," + name(name)).getBytes(StandardCharsets.UTF_8);
        }

        /** With quotes and the colon. */
        private static String name(String name) {
            var out = new JsonOutput(Integer.MAX_VALUE);
            // Half a surrogate pair has no UTF-8: the reader finds a question mark.
            if (!out.string(name)) {
                out.string(new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
            }
            out.raw((byte) ':');
            return new String(out.toByteArray(), StandardCharsets.UTF_8);
        }

        /** A JSON value. */
        public Handle.Json value(String label, String expression) {
            return new Handle.Json(
                    List.of(new Field(add(label, expression, Purpose.JSON, ExpressionKind.VALUE), new byte[0])), -1);
        }

        /** A decision. */
        public Handle.Condition condition(String label, String expression) {
            return new Handle.Condition(add(label, expression, Purpose.CONDITION, ExpressionKind.CONDITION));
        }

        /** A decision of an expression that need not be one. */
        Handle.Condition unchecked(String expression) {
            return new Handle.Condition(add("", expression, Purpose.CONDITION, ExpressionKind.VALUE));
        }

        /** A value that is not meant to be JSON, of that kind. */
        public Handle.Value object(String label, String expression, ExpressionKind kind) {
            return new Handle.Value(add(label, expression, Purpose.VALUE, kind));
        }

        /** A list of JSON values that stand alone. */
        public Handle.Elements elements(String label, String expression) {
            return new Handle.Elements(add(label, expression, Purpose.ELEMENTS, ExpressionKind.LIST));
        }

        private int add(String label, String expression, Purpose purpose, ExpressionKind kind) {
            return add(label, label, label, expression, purpose, kind, 1);
        }

        /** @param unique what {@code uuid()} in it depends on */
        private int add(
                String label,
                String subject,
                String unique,
                String expression,
                Purpose purpose,
                ExpressionKind kind,
                int depth) {
            try {
                var evaluation = Evaluation.of(label, unique, expression, kind);
                entries.add(new Entry(label, subject, expression, evaluation, purpose, depth));
            } catch (InvalidExpressionException e) {
                problems.addAll(e.problems());
            }
            return entries.size() - 1;
        }

        /** Compiles all of them. */
        public ExpressionSet build() throws InvalidExpressionException {
            if (!problems.isEmpty()) {
                throw new InvalidExpressionException(problems());
            }
            return new ExpressionSet(entries, objects, limits, clock, compile, anyPayload);
        }

        /** The mistakes that {@link #build} would report. */
        public List<ExpressionProblem> problems() {
            return problems.stream().distinct().toList();
        }
    }
}
