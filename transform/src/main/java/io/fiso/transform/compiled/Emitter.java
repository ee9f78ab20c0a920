// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.compiled.Code.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the methods that evaluate nodes. A value is always in a register, whose number is known here; what decides is written by {@link
 * Branches}.
 */
final class Emitter {
    private record Shared(int register, Code method) {}

    private final Assembly to;
    private final Branches branches;
    private final Map<Node, Integer> uses;
    private final Map<Node.Constant, Integer> constants = new HashMap<>();
    private final Map<Node, Shared> shared = new HashMap<>();

    Emitter(IntSupplier nextRegister, Uses uses) {
        this.to = new Assembly(nextRegister, uses.lists());
        this.branches = new Branches(to, this);
        this.uses = uses.counts();
    }

    // ---- whole expressions ------------------------------------------------------------------------------------------

    /** A method that writes the value as JSON; it answers 0 if there is none to write, because it is optional. */
    Code writing(String name, Node node, int depth) {
        return to.method(name, Answer.INT, () -> {
            if (node instanceof Node.OptionalPath optional && Lowering.isOptional(node)) {
                int state = optionalState(optional);
                int present = to.code.label();
                int failed = to.code.label();
                to.code.jumpIf(state, Truth.TRUE, present);
                to.code.jumpIf(state, Truth.ERROR, failed);
                to.code.push(0);
                to.code.answer();
                to.code.mark(failed);
                to.code.operation(Truth.class, "trap", Answer.NOTHING);
                to.code.mark(present);
                writeRegister(optional.tree().register(optional.members()), depth);
            } else {
                write(node, depth);
            }
            to.flush();
            to.code.push(1);
            to.code.answer();
        });
    }

    /**
     * A method that writes an object.
     *
     * @param names as they stand in JSON, with the colon
     * @param values the methods that write the values; none of them may have nothing to write
     */
    Code object(String name, List<String> names, List<Code> values) {
        return to.method(name, Answer.INT, () -> {
            for (int i = 0; i < names.size(); i++) {
                member(i, (i == 0 ? "{" : ",") + names.get(i));
                to.code.own(values.get(i));
                to.code.drop();
            }
            member(Frame.NO_MEMBER, names.isEmpty() ? "{}" : "}");
            to.code.push(1);
            to.code.answer();
        });
    }

    private void member(int member, String before) {
        to.text(before, "member", member);
    }

    /** A method that answers a truth value. */
    Code testing(String name, Node node) {
        return to.method(name, Answer.INT, () -> {
            branches.truth(node);
            to.code.answer();
        });
    }

    /** A method that answers the register that holds the value. */
    Code valuing(String name, Node node) {
        return to.method(name, Answer.INT, () -> {
            to.code.push(value(node));
            to.code.answer();
        });
    }

    /** A method that writes each element of a list as JSON, and says to the frame where each ends. */
    Code listing(String name, Node node) {
        return to.method(name, Answer.NOTHING, () -> {
            switch (node) {
                case Node.ListLiteral(List<Node> elements) ->
                    elements.forEach(element -> {
                        write(element, 1);
                        to.step(Writing.class, "elementEnds");
                    });
                case Node.Each each ->
                    branches.loop(each, element -> {
                        write(element, 1);
                        to.step(Writing.class, "elementEnds");
                    });
                default -> to.step(Writing.class, "elements", value(node));
            }
        });
    }

    // ---- values -----------------------------------------------------------------------------------------------------

    /** Makes the value; returns its register. */
    int value(Node node) {
        var known = share(node);
        if (known != null) {
            to.flush();
            to.code.own(known.method);
            return known.register;
        }
        return switch (node) {
            case Node.Constant constant -> constants.computeIfAbsent(constant, _ -> to.register());
            case Node.Path(Tree tree, List<String> members) -> {
                look(tree);
                yield tree.register(members);
            }
            default -> {
                int target = to.register();
                if (!to.outlined(() -> calculate(node, target))) {
                    calculate(node, target);
                }
                yield target;
            }
        };
    }

    /** Whether the value is calculated once, for all who ask for it. */
    boolean isShared(Node node) {
        return uses.getOrDefault(node, 0) >= 2;
    }

    private @Nullable Shared share(Node node) {
        if (!isShared(node)) {
            return null;
        }
        var known = shared.get(node);
        if (known == null) {
            int register = to.register();
            known = new Shared(register, to.method(to.part(), Answer.NOTHING, () -> {
                int calculated = to.code.local();
                int end = to.code.label();
                to.code.operation(Truth.class, "isSet", Answer.INT, register);
                to.code.store(calculated);
                to.code.jumpIf(calculated, Truth.TRUE, end);
                calculate(node, register);
                to.flush();
                to.code.mark(end);
            }));
            shared.put(node, known);
        }
        return known;
    }

    private void calculate(Node node, int target) {
        switch (node) {
            case Node.Attribute(String name) -> to.step(Calls.class, "attribute", target, to.name(name));
            case Node.OptionalPath optional -> optional(optional, target);
            case Node.Binary(String operation, Node left, Node right, CallSite slow)
            when arithmetic(operation) != null -> {
                int a = value(left);
                int b = value(right);
                to.step(Arithmetic.class, Objects.requireNonNull(arithmetic(operation)), target, a, b, to.site(slow));
            }
            case Node.Concatenation(List<Node> parts) -> to.step(Texts.class, "join", target, table(parts));
            case Node.ListLiteral(List<Node> elements) -> to.step(Calls.class, "list", target, table(elements));
            case Node.MapLiteral(List<String> keys, List<Node> values) ->
                to.step(
                        Calls.class,
                        "map",
                        target,
                        table(values),
                        to.table(keys.stream().mapToInt(to::name).toArray()));
            case Node.Call(CallSite site, List<Node> arguments) ->
                to.step(Calls.class, "call", target, table(arguments), to.site(site));
            case Node.TextCall(Node.TextFunction function, List<Node> arguments, CallSite slow) ->
                to.step(
                        Texts.class,
                        switch (function) {
                            case SUBSTRING -> "substring";
                            case REPLACE -> "replace";
                        },
                        target,
                        table(arguments),
                        to.site(slow));
            case Node.Function(Node.Native function, Node first, Node second, CallSite slow)
            when second == null -> function(function, first, target, slow);
            case Node.Conditional(Node condition, Node whenTrue, Node whenFalse) -> {
                branches.branch(
                        condition,
                        () -> to.step(Truth.class, "copy", target, value(whenTrue)),
                        () -> to.step(Truth.class, "copy", target, value(whenFalse)),
                        () -> to.step(Truth.class, "fail", target));
            }
            case Node.Each each -> collect(each, target);
            default -> {
                branches.truth(node, false);
                int local = to.code.local();
                to.code.store(local);
                keep(local, target);
            }
        }
    }

    /** Puts the truth value of a local into a register. */
    private void keep(int local, int target) {
        int yes = to.code.label();
        int no = to.code.label();
        int end = to.code.label();
        to.code.jumpIf(local, Truth.TRUE, yes);
        to.code.jumpIf(local, Truth.FALSE, no);
        to.step(Truth.class, "fail", target);
        to.code.jump(end);
        to.code.mark(yes);
        to.step(Truth.class, "setTrue", target);
        to.code.jump(end);
        to.code.mark(no);
        to.step(Truth.class, "setFalse", target);
        to.code.mark(end);
    }

    private static @Nullable String arithmetic(String operation) {
        return switch (operation) {
            case "_+_" -> "add";
            case "_-_" -> "subtract";
            case "_*_" -> "multiply";
            case "_/_" -> "divide";
            case "_%_" -> "modulo";
            default -> null;
        };
    }

    private void function(Node.Native function, Node first, int target, CallSite slow) {
        if (function == Node.Native.SIZE && first instanceof Node.Each each) {
            int failed = to.code.label();
            int end = to.code.label();
            to.step(Arithmetic.class, "zero", target);
            branches.loop(
                    each.loop(),
                    failed,
                    () -> branches.filtered(each, failed, element -> {
                        // The element may fail, though nobody looks at it.
                        sound(element);
                        to.step(Arithmetic.class, "increment", target);
                    }));
            to.code.jump(end);
            to.code.mark(failed);
            to.step(Truth.class, "fail", target);
            to.code.mark(end);
            return;
        }
        int operand = value(first);
        var operation = switch (function) {
            case SIZE -> "size";
            case STRING -> "string";
            case LOWER -> "lower";
            case UPPER -> "upper";
            case NEGATE -> "negate";
            default -> throw new IllegalStateException("a function of one value: " + function);
        };
        to.step(
                function == Node.Native.NEGATE ? Arithmetic.class : Texts.class,
                operation,
                target,
                operand,
                to.site(slow));
    }

    private void optional(Node.OptionalPath optional, int target) {
        int state = optionalState(optional);
        int present = to.code.label();
        int failed = to.code.label();
        int end = to.code.label();
        to.code.jumpIf(state, Truth.TRUE, present);
        to.code.jumpIf(state, Truth.ERROR, failed);
        to.step(Truth.class, "copy", target, value(Objects.requireNonNull(optional.otherwise())));
        to.code.jump(end);
        to.code.mark(failed);
        to.step(Truth.class, "fail", target);
        to.code.jump(end);
        to.code.mark(present);
        to.step(Truth.class, "copy", target, optional.tree().register(optional.members()));
        to.code.mark(end);
    }

    /** Returns the local that says whether the optional value is there. */
    private int optionalState(Node.OptionalPath optional) {
        look(optional.tree());
        var chain = new ArrayList<Integer>();
        for (int length = optional.strict(); length <= optional.members().size(); length++) {
            chain.add(optional.tree().register(optional.members().subList(0, length)));
        }
        to.flush();
        to.code.operation(
                Trees.class,
                "optional",
                Answer.INT,
                to.table(chain.stream().mapToInt(Integer::intValue).toArray()));
        int state = to.code.local();
        to.code.store(state);
        return state;
    }

    /** Makes sure that the tree's registers are filled. The payload's are from the start, those of a loop's element by the loop. */
    void look(Tree tree) {
        to.number(tree);
        if (tree.base == null) {
            return;
        }
        int base = value(tree.base);
        if (tree.index == null) {
            to.step(Trees.class, "look", tree.number, base);
        } else {
            int index = value(tree.index);
            to.step(Trees.class, "element", tree.number, base, index, to.site(Objects.requireNonNull(tree.slow)));
        }
    }

    /** Makes the value, and gives up if that fails. */
    int sound(Node element) {
        int register = value(element);
        to.step(Truth.class, "sound", register);
        return register;
    }

    private void collect(Node.Each each, int target) {
        int failed = to.code.label();
        int end = to.code.label();
        to.step(Calls.class, "newList", target);
        branches.loop(
                each.loop(),
                failed,
                () -> branches.filtered(
                        each, failed, element -> to.step(Calls.class, "append", target, sound(element))));
        to.code.jump(end);
        to.code.mark(failed);
        to.step(Truth.class, "fail", target);
        to.code.mark(end);
    }

    // ---- JSON -------------------------------------------------------------------------------------------------------

    /** @param depth how deep this value is nested in the output, itself included */
    private void write(Node node, int depth) {
        if (to.isLarge() && !(node instanceof Node.Constant)) {
            to.flush();
            to.code.own(to.method(to.part(), Answer.NOTHING, () -> writeHere(node, depth)));
        } else {
            writeHere(node, depth);
        }
    }

    private void writeHere(Node node, int depth) {
        switch (node) {
            case Node.Constant(Object text)
            when text instanceof Boolean || text instanceof Long -> to.pending.append(text);
            case Node.MapLiteral(List<String> keys, List<Node> values) -> {
                to.pending.append('{');
                for (int i = 0; i < keys.size(); i++) {
                    to.pending
                            .append(i == 0 ? "" : ",")
                            .append(Writing.quoted(keys.get(i)))
                            .append(':');
                    write(values.get(i), depth + 1);
                }
                to.pending.append('}');
                deep(depth);
            }
            case Node.ListLiteral(List<Node> elements) -> {
                to.pending.append('[');
                for (int i = 0; i < elements.size(); i++) {
                    to.pending.append(i == 0 ? "" : ",");
                    write(elements.get(i), depth + 1);
                }
                to.pending.append(']');
                deep(depth);
            }
            case Node.Conditional(Node condition, Node whenTrue, Node whenFalse)
            when !isShared(node) ->
                branches.branch(
                        condition,
                        () -> write(whenTrue, depth),
                        () -> write(whenFalse, depth),
                        () -> to.step(Truth.class, "trap"));
            case Node.Concatenation(List<Node> parts)
            when !isShared(node) -> to.step(Writing.class, "joined", table(parts));
            case Node.Each each -> {
                to.pending.append('[');
                to.flush();
                to.step(Writing.class, "deep", depth);
                int first = to.register();
                to.step(Arithmetic.class, "zero", first);
                branches.loop(each, element -> {
                    to.step(Writing.class, "comma", first);
                    write(element, depth + 1);
                });
                to.pending.append(']');
            }
            default -> writeRegister(value(node), depth);
        }
    }

    private void deep(int depth) {
        if (depth > 32) {
            to.step(Writing.class, "deep", depth);
        }
    }

    private void writeRegister(int register, int depth) {
        to.step(Writing.class, "value", register, depth);
    }

    int table(List<? extends Node> nodes) {
        return to.table(nodes.stream().mapToInt(this::value).toArray());
    }

    // ---- the result -------------------------------------------------------------------------------------------------

    List<Code> methods() {
        return to.methods();
    }

    /** @param registers how many registers there are, once all has been emitted */
    Program program(IntSupplier registers, Tree payload) {
        var values = new ArrayList<Program.Constant>();
        constants.forEach((constant, register) -> values.add(new Program.Constant(register, constant.value())));
        return to.program(
                registers,
                payload,
                values,
                shared.values().stream().mapToInt(Shared::register).toArray());
    }
}
