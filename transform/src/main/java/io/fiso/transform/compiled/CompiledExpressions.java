// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import dev.cel.common.CelAbstractSyntaxTree;
import io.fiso.transform.json.Digits;
import java.lang.classfile.ClassFile;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Expressions over one event, compiled to one class. Thread-safe: each thread needs a {@link Frame} of its own.
 *
 * <p>An expression that the compiler does not cover has a reason ({@link #whyNot}) and must not be run here.
 */
public final class CompiledExpressions {
    /** What an expression is for. */
    public enum Purpose {
        /** {@link #run} writes JSON, and answers 0 if there is nothing to write, since the value is an optional one that is not there. */
        JSON,
        /** {@link #run} answers 1 for true and 0 for false. */
        CONDITION,
        /** {@link #run} answers the register that holds the value: see {@link Frame#object}. */
        VALUE,
        /** {@link #run} writes each element of a list as JSON: see {@link Frame#elementEnd}. */
        ELEMENTS
    }

    /**
     * One expression.
     *
     * @param depth {@link Purpose#JSON}: how deep its value is nested in the output, itself included
     */
    public record Source(Text text, Purpose purpose, int depth) {}

    /**
     * An object whose members are expressions.
     *
     * @param names as they stand in JSON, with the colon
     * @param expressions the values: numbers of {@link Purpose#JSON} sources
     */
    public record ObjectOf(List<String> names, List<Integer> expressions) {}

    /** What an expression says. */
    public sealed interface Text {
        /** As cel-java understands it. */
        record Checked(CelAbstractSyntaxTree ast) implements Text {}

        /** A part of the payload, by the names of its members. */
        record Member(List<String> names) implements Text {}

        /** A variable that is not the payload, by the name that {@link Frame.Surroundings} knows. */
        record Variable(String name) implements Text {}
    }

    /** What the generated class implements. */
    interface Evaluator {
        int run(Frame frame, int expression);
    }

    private final Program program;
    private final Evaluator evaluator;
    private final List<@Nullable String> reasons;
    private final List<Boolean> objects;
    private final int maxDepth;
    private final int maxOutputBytes;

    private CompiledExpressions(
            Program program,
            Evaluator evaluator,
            List<@Nullable String> reasons,
            List<Boolean> objects,
            int maxDepth,
            int maxOutputBytes) {
        this.program = program;
        this.evaluator = evaluator;
        this.reasons = reasons;
        this.objects = objects;
        this.maxDepth = maxDepth;
        this.maxOutputBytes = maxOutputBytes;
    }

    /** A method of more steps than this may not fit into a class file, which allows 64 KiB for each. */
    private static final int MOST_STEPS = 3_000;

    /** Compiles what can be compiled. */
    public static CompiledExpressions compile(
            List<Source> sources,
            List<ObjectOf> objects,
            Supplier<Bindings> bindings,
            int maxDepth,
            int maxOutputBytes) {
        return compile(sources, Set.of(), objects, bindings, maxDepth, maxOutputBytes);
    }

    /** @param tooLong the expressions that turned out to be */
    private static CompiledExpressions compile(
            List<Source> sources,
            Set<Integer> tooLong,
            List<ObjectOf> objects,
            Supplier<Bindings> bindings,
            int maxDepth,
            int maxOutputBytes) {
        var registers = new IntSupplier() {
            private int count;

            @Override
            public int getAsInt() {
                return count++;
            }
        };
        var payload = Tree.payload(registers);
        payload.register(List.of());
        var nodes = new ArrayList<@Nullable Node>();
        var reasons = new ArrayList<@Nullable String>();
        for (var source : sources) {
            try {
                if (tooLong.contains(nodes.size())) {
                    throw new Unsupported("a text of this length");
                }
                var node = switch (source.text()) {
                    case Text.Checked(CelAbstractSyntaxTree ast) ->
                        Lowering.lower(ast, bindings.get(), payload, registers);
                    case Text.Member(List<String> names) -> new Node.Path(payload, names);
                    case Text.Variable(String name) -> new Node.Attribute(name);
                };
                if (Lowering.isOptional(node) && source.purpose() != Purpose.JSON) {
                    throw new Unsupported("an optional value as the result");
                }
                nodes.add(node);
                reasons.add(null);
            } catch (Unsupported e) {
                nodes.add(null);
                reasons.add(e.getMessage());
            }
        }
        var emitter = new Emitter(registers, Uses.of(nodes));
        var entries = new ArrayList<@Nullable Code>();
        var longer = new HashSet<>(tooLong);
        for (int i = 0; i < nodes.size(); i++) {
            var node = nodes.get(i);
            int before = emitter.methods().size();
            entries.add(node == null ? null : entry(emitter, "expression" + i, node, sources.get(i)));
            if (emitter.methods().stream().skip(before).anyMatch(method -> method.size() > MOST_STEPS)) {
                longer.add(i);
            }
        }
        if (longer.size() > tooLong.size()) {
            return compile(sources, longer, objects, bindings, maxDepth, maxOutputBytes);
        }
        var whole = new ArrayList<Boolean>();
        for (var object : objects) {
            boolean covered = object.expressions().stream()
                    .map(nodes::get)
                    .allMatch(node -> node != null && !Lowering.isOptional(node));
            var method = covered ? object(emitter, "object" + whole.size(), object, entries) : null;
            boolean fits = method != null && method.size() <= MOST_STEPS;
            whole.add(fits);
            entries.add(fits ? method : null);
        }
        var evaluator = define(
                emitter.methods().stream()
                        .filter(method -> method.size() <= MOST_STEPS)
                        .toList(),
                entries);
        var program = emitter.program(() -> registers.count, payload);
        return new CompiledExpressions(program, evaluator, reasons, whole, maxDepth, maxOutputBytes);
    }

    private static Code entry(Emitter emitter, String name, Node node, Source source) {
        return switch (source.purpose()) {
            case JSON -> emitter.writing(name, node, source.depth());
            case CONDITION -> emitter.testing(name, node);
            case VALUE -> emitter.valuing(name, node);
            case ELEMENTS -> emitter.listing(name, node);
        };
    }

    private static Code object(Emitter emitter, String name, ObjectOf object, List<@Nullable Code> entries) {
        var values = new ArrayList<Code>();
        object.expressions().forEach(i -> values.add(Objects.requireNonNull(entries.get(i))));
        return emitter.object(name, object.names(), values);
    }

    private static Evaluator define(List<Code> methods, List<@Nullable Code> entries) {
        var self = ClassDesc.of(CompiledExpressions.class.getPackageName(), "Expressions");
        var frame = ClassDesc.of(Frame.class.getName());
        byte[] bytes = ClassFile.of().build(self, type -> {
            type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER);
            type.withInterfaceSymbols(
                    ClassDesc.of(CompiledExpressions.class.getName()).nested("Evaluator"));
            type.withMethodBody(
                    ConstantDescs.INIT_NAME,
                    MethodTypeDesc.of(ConstantDescs.CD_void),
                    ClassFile.ACC_PUBLIC,
                    code -> code.aload(0)
                            .invokespecial(
                                    ConstantDescs.CD_Object,
                                    ConstantDescs.INIT_NAME,
                                    MethodTypeDesc.of(ConstantDescs.CD_void))
                            .return_());
            for (var method : methods) {
                type.withMethodBody(
                        method.name(),
                        method.type(),
                        ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC,
                        code -> method.write(code, self));
            }
            type.withMethodBody(
                    "run",
                    MethodTypeDesc.of(ConstantDescs.CD_int, frame, ConstantDescs.CD_int),
                    ClassFile.ACC_PUBLIC,
                    code -> {
                        var other = code.newLabel();
                        var cases = new ArrayList<SwitchCase>();
                        for (int i = 0; i < entries.size(); i++) {
                            if (entries.get(i) != null) {
                                cases.add(SwitchCase.of(i, code.newLabel()));
                            }
                        }
                        code.iload(2).lookupswitch(other, cases);
                        for (var entry : cases) {
                            var method = Objects.requireNonNull(entries.get(entry.caseValue()));
                            code.labelBinding(entry.target()).aload(1).invokestatic(self, method.name(), method.type());
                            if (method.type().returnType().equals(ConstantDescs.CD_void)) {
                                code.iconst_0();
                            }
                            code.ireturn();
                        }
                        code.labelBinding(other).iconst_m1().ireturn();
                    });
        });
        try {
            var lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return (Evaluator) lookup.findConstructor(lookup.lookupClass(), MethodType.methodType(void.class))
                    .invoke();
        } catch (Throwable e) {
            throw new IllegalStateException("the generated class does not load: " + e.getMessage(), e);
        }
    }

    /** Why an expression is not compiled; null if it is. */
    public @Nullable String whyNot(int expression) {
        return reasons.get(expression);
    }

    /** Whether an object can be written as a whole: every expression of it is compiled and has a value to write. */
    public boolean isWhole(int object) {
        return objects.get(object);
    }

    /**
     * What one thread at a time evaluates with.
     *
     * @param digits where the digits of decimals are kept that become objects
     */
    public Frame newFrame(Digits digits) {
        return new Frame(program, digits, maxDepth, maxOutputBytes);
    }

    /**
     * Evaluates.
     *
     * @return what the expression's {@link Purpose} says
     * @throws Trap if the interpreter has to: because it fails, or meets what it was not made for
     */
    public int run(Frame frame, int expression) {
        return evaluator.run(frame, expression);
    }

    /**
     * Writes an object that is {@linkplain #isWhole whole}.
     *
     * @throws Trap if the interpreter has to evaluate one of its expressions
     */
    public void writeObject(Frame frame, int object) {
        evaluator.run(frame, reasons.size() + object);
    }
}
