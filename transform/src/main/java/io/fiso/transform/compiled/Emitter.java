// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.compiled.Code.Answer;
import io.fiso.transform.json.JsonOutput;
import io.fiso.transform.json.PathTree;
import io.fiso.transform.json.Rows;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the methods that evaluate nodes. A value is always in a register, whose number is known here; a truth value, which may be an error as
 * well, is an int on the stack: see {@link Truth}.
 */
final class Emitter {
    /** A method that has grown to so many steps gets its further parts in methods of their own: the JVM does not compile large ones. */
    private static final int LARGE = 300;

    private record Shared(int register, Code method) {}

    private final IntSupplier nextRegister;
    private final List<Code> methods = new ArrayList<>();
    private final Map<Node.Constant, Integer> constants = new HashMap<>();
    private final Map<Node, Integer> uses;
    private final Map<Node, Shared> shared = new HashMap<>();
    private final List<CallSite> sites = new ArrayList<>();
    private final List<int[]> tables = new ArrayList<>();
    private final List<byte[]> texts = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<Tree> trees = new ArrayList<>();
    private final Map<List<String>, List<Tree>> lists;
    private final StringBuilder pending = new StringBuilder();
    private int loops;
    private Code code = new Code("", Answer.NOTHING);

    Emitter(IntSupplier nextRegister, Uses uses) {
        this.nextRegister = nextRegister;
        this.uses = uses.counts();
        this.lists = uses.lists();
        int number = 0;
        for (var elements : lists.values()) {
            for (var element : elements) {
                element.list = number;
            }
            number++;
        }
    }

    // ---- whole expressions ------------------------------------------------------------------------------------------

    /** A method that writes the value as JSON; it answers 0 if there is none to write, because it is optional. */
    Code writing(String name, Node node, int depth) {
        return method(name, Answer.INT, () -> {
            if (node instanceof Node.OptionalPath optional && Lowering.isOptional(node)) {
                int state = optionalState(optional);
                int present = code.label();
                int failed = code.label();
                code.jumpIf(state, Truth.TRUE, present);
                code.jumpIf(state, Truth.ERROR, failed);
                code.push(0);
                code.answer();
                code.mark(failed);
                code.operation(Truth.class, "trap", Answer.NOTHING);
                code.mark(present);
                writeRegister(optional.tree().register(optional.members()), depth);
            } else {
                write(node, depth);
            }
            flush();
            code.push(1);
            code.answer();
        });
    }

    /**
     * A method that writes an object.
     *
     * @param names as they stand in JSON, with the colon
     * @param values the methods that write the values; none of them may have nothing to write
     */
    Code object(String name, List<String> names, List<Code> values) {
        return method(name, Answer.INT, () -> {
            for (int i = 0; i < names.size(); i++) {
                member(i, (i == 0 ? "{" : ",") + names.get(i));
                code.own(values.get(i));
                code.drop();
            }
            member(Frame.NO_MEMBER, names.isEmpty() ? "{}" : "}");
            code.push(1);
            code.answer();
        });
    }

    private void member(int member, String before) {
        var text = before.getBytes(StandardCharsets.UTF_8);
        texts.add(JsonOutput.padded(text));
        code.operation(Writing.class, "member", Answer.NOTHING, member, texts.size() - 1, text.length);
    }

    /** A method that answers a truth value. */
    Code testing(String name, Node node) {
        return method(name, Answer.INT, () -> {
            truth(node);
            code.answer();
        });
    }

    /** A method that answers the register that holds the value. */
    Code valuing(String name, Node node) {
        return method(name, Answer.INT, () -> {
            code.push(value(node));
            code.answer();
        });
    }

    /** A method that writes each element of a list as JSON, and says to the frame where each ends. */
    Code listing(String name, Node node) {
        return method(name, Answer.NOTHING, () -> {
            switch (node) {
                case Node.ListLiteral(List<Node> elements) ->
                    elements.forEach(element -> {
                        write(element, 1);
                        step(Writing.class, "elementEnds");
                    });
                case Node.Each each ->
                    loop(each, element -> {
                        write(element, 1);
                        step(Writing.class, "elementEnds");
                    });
                default -> step(Writing.class, "elements", value(node));
            }
        });
    }

    private Code method(String name, Answer answer, Runnable body) {
        var outer = code;
        var outerPending = pending.toString();
        pending.setLength(0);
        var inner = new Code(name, answer);
        methods.add(inner);
        code = inner;
        body.run();
        flush();
        code = outer;
        pending.append(outerPending);
        return inner;
    }

    /** Puts a part in a method of its own if the present one is large. */
    private boolean outlined(Runnable body) {
        if (code.size() < LARGE) {
            return false;
        }
        flush();
        code.own(method("part" + methods.size(), Answer.NOTHING, body));
        return true;
    }

    // ---- values -----------------------------------------------------------------------------------------------------

    /** Makes the value; returns its register. */
    private int value(Node node) {
        var known = share(node);
        if (known != null) {
            flush();
            code.own(known.method);
            return known.register;
        }
        return switch (node) {
            case Node.Constant constant -> constants.computeIfAbsent(constant, _ -> nextRegister.getAsInt());
            case Node.Path(Tree tree, List<String> members) -> {
                look(tree);
                yield tree.register(members);
            }
            default -> {
                int target = nextRegister.getAsInt();
                if (!outlined(() -> calculate(node, target))) {
                    calculate(node, target);
                }
                yield target;
            }
        };
    }

    private @Nullable Shared share(Node node) {
        if (uses.getOrDefault(node, 0) < 2) {
            return null;
        }
        var known = shared.get(node);
        if (known == null) {
            int register = nextRegister.getAsInt();
            known = new Shared(register, method("shared" + methods.size(), Answer.NOTHING, () -> {
                int calculated = code.local();
                int end = code.label();
                code.operation(Truth.class, "isSet", Answer.INT, register);
                code.store(calculated);
                code.jumpIf(calculated, Truth.TRUE, end);
                calculate(node, register);
                flush();
                code.mark(end);
            }));
            shared.put(node, known);
        }
        return known;
    }

    private void calculate(Node node, int target) {
        switch (node) {
            case Node.Attribute(String name) -> step(Calls.class, "attribute", target, name(name));
            case Node.OptionalPath optional -> optional(optional, target);
            case Node.Binary(String operation, Node left, Node right, CallSite slow)
            when arithmetic(operation) != null -> {
                int a = value(left);
                int b = value(right);
                step(Arithmetic.class, Objects.requireNonNull(arithmetic(operation)), target, a, b, site(slow));
            }
            case Node.Concatenation(List<Node> parts) -> step(Texts.class, "join", target, table(parts));
            case Node.ListLiteral(List<Node> elements) -> step(Calls.class, "list", target, table(elements));
            case Node.MapLiteral(List<String> keys, List<Node> values) ->
                step(
                        Calls.class,
                        "map",
                        target,
                        table(values),
                        table(keys.stream().mapToInt(this::name).toArray()));
            case Node.Call(CallSite site, List<Node> arguments) ->
                step(Calls.class, "call", target, table(arguments), site(site));
            case Node.TextCall(Node.TextFunction function, List<Node> arguments, CallSite slow) ->
                step(
                        Texts.class,
                        switch (function) {
                            case SUBSTRING -> "substring";
                            case REPLACE -> "replace";
                        },
                        target,
                        table(arguments),
                        site(slow));
            case Node.Function(Node.Native function, Node first, Node second, CallSite slow)
            when second == null -> size(function, first, target, slow);
            case Node.Conditional(Node condition, Node whenTrue, Node whenFalse) -> {
                branch(
                        condition,
                        () -> step(Truth.class, "copy", target, value(whenTrue)),
                        () -> step(Truth.class, "copy", target, value(whenFalse)),
                        () -> step(Truth.class, "fail", target));
            }
            case Node.Each each -> collect(each, target);
            default -> {
                truth(node, false);
                int local = code.local();
                code.store(local);
                keep(local, target);
            }
        }
    }

    /** Puts the truth value of a local into a register. */
    private void keep(int local, int target) {
        int yes = code.label();
        int no = code.label();
        int end = code.label();
        code.jumpIf(local, Truth.TRUE, yes);
        code.jumpIf(local, Truth.FALSE, no);
        step(Truth.class, "fail", target);
        code.jump(end);
        code.mark(yes);
        step(Truth.class, "setTrue", target);
        code.jump(end);
        code.mark(no);
        step(Truth.class, "setFalse", target);
        code.mark(end);
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

    private static @Nullable String comparison(String operation) {
        return switch (operation) {
            case "_<_" -> "less";
            case "_<=_" -> "lessOrEqual";
            case "_>_" -> "greater";
            case "_>=_" -> "greaterOrEqual";
            default -> null;
        };
    }

    private void size(Node.Native function, Node first, int target, CallSite slow) {
        if (function == Node.Native.SIZE && first instanceof Node.Each each) {
            int failed = code.label();
            int end = code.label();
            step(Arithmetic.class, "zero", target);
            loop(
                    each.loop(),
                    failed,
                    () -> filtered(each, failed, element -> {
                        // The element may fail, though nobody looks at it.
                        sound(element);
                        step(Arithmetic.class, "increment", target);
                    }));
            code.jump(end);
            code.mark(failed);
            step(Truth.class, "fail", target);
            code.mark(end);
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
        step(function == Node.Native.NEGATE ? Arithmetic.class : Texts.class, operation, target, operand, site(slow));
    }

    private void optional(Node.OptionalPath optional, int target) {
        int state = optionalState(optional);
        int present = code.label();
        int failed = code.label();
        int end = code.label();
        code.jumpIf(state, Truth.TRUE, present);
        code.jumpIf(state, Truth.ERROR, failed);
        step(Truth.class, "copy", target, value(Objects.requireNonNull(optional.otherwise())));
        code.jump(end);
        code.mark(failed);
        step(Truth.class, "fail", target);
        code.jump(end);
        code.mark(present);
        step(Truth.class, "copy", target, optional.tree().register(optional.members()));
        code.mark(end);
    }

    /** Returns the local that says whether the optional value is there. */
    private int optionalState(Node.OptionalPath optional) {
        look(optional.tree());
        var chain = new ArrayList<Integer>();
        for (int length = optional.strict(); length <= optional.members().size(); length++) {
            chain.add(optional.tree().register(optional.members().subList(0, length)));
        }
        flush();
        code.operation(
                Trees.class,
                "optional",
                Answer.INT,
                table(chain.stream().mapToInt(Integer::intValue).toArray()));
        int state = code.local();
        code.store(state);
        return state;
    }

    /** Makes sure that the tree's registers are filled. The payload's are from the start, those of a loop's element by the loop. */
    private void look(Tree tree) {
        number(tree);
        if (tree.base == null) {
            return;
        }
        int base = value(tree.base);
        if (tree.index == null) {
            step(Trees.class, "look", tree.number, base);
        } else {
            int index = value(tree.index);
            step(Trees.class, "element", tree.number, base, index, site(Objects.requireNonNull(tree.slow)));
        }
    }

    private void number(Tree tree) {
        if (tree.number < 0) {
            tree.number = trees.size();
            trees.add(tree);
        }
    }

    // ---- truth ------------------------------------------------------------------------------------------------------

    /** Leaves the truth value on the stack. */
    private void truth(Node node) {
        truth(node, true);
    }

    private void truth(Node node, boolean sharing) {
        flush();
        if (sharing && uses.getOrDefault(node, 0) >= 2) {
            answer(Truth.class, "of", value(node));
            return;
        }
        switch (node) {
            case Node.And(Node left, Node right) -> {
                junction("and", Truth.FALSE, left, right);
            }
            case Node.Or(Node left, Node right) -> {
                junction("or", Truth.TRUE, left, right);
            }
            case Node.Not(Node operand) -> {
                truth(operand);
                not();
            }
            case Node.Equal(boolean negated, Node left, Node right, CallSite slow) -> {
                int a = value(left);
                int b = value(right);
                answer(Comparison.class, "equal", a, b, site(slow));
                if (negated) {
                    not();
                }
            }
            case Node.OneOf(Node tested, List<Node.Constant> values) -> {
                int register = value(tested);
                answer(Comparison.class, "oneOf", register, table(values));
            }
            case Node.Binary(String operation, Node left, Node right, CallSite slow)
            when comparison(operation) != null -> {
                int a = value(left);
                int b = value(right);
                answer(Comparison.class, Objects.requireNonNull(comparison(operation)), a, b, site(slow));
            }
            case Node.Function(Node.Native function, Node first, Node second, CallSite slow)
            when second != null -> {
                int a = value(first);
                int b = value(second);
                answer(
                        Texts.class,
                        switch (function) {
                            case CONTAINS -> "contains";
                            case STARTS_WITH -> "startsWith";
                            case ENDS_WITH -> "endsWith";
                            default -> throw new IllegalStateException("a function of two values: " + function);
                        },
                        a,
                        b,
                        site(slow));
            }
            case Node.Has(Tree tree, List<String> members) -> {
                look(tree);
                int holder = tree.register(members.subList(0, members.size() - 1));
                answer(Trees.class, "has", holder, tree.register(members));
            }
            case Node.Conditional(Node condition, Node whenTrue, Node whenFalse) -> {
                int result = code.local();
                branch(
                        condition,
                        () -> {
                            truth(whenTrue);
                            code.store(result);
                        },
                        () -> {
                            truth(whenFalse);
                            code.store(result);
                        },
                        () -> {
                            code.push(Truth.ERROR);
                            code.store(result);
                        });
                code.load(result);
            }
            case Node.Exists(Node.Loop loop, Node condition) ->
                quantifier(loop, condition, "or", Truth.FALSE, Truth.TRUE);
            case Node.All(Node.Loop loop, Node condition) ->
                quantifier(loop, condition, "and", Truth.TRUE, Truth.FALSE);
            case Node.ExistsOne(Node.Loop loop, Node condition) -> existsOne(loop, condition);
            default -> answer(Truth.class, "of", value(node));
        }
    }

    private void not() {
        int local = code.local();
        code.store(local);
        int end = code.label();
        int no = code.label();
        int result = code.local();
        code.load(local);
        code.store(result);
        code.jumpIf(local, Truth.ERROR, end);
        code.jumpIf(local, Truth.TRUE, no);
        code.push(Truth.TRUE);
        code.store(result);
        code.jump(end);
        code.mark(no);
        code.push(Truth.FALSE);
        code.store(result);
        code.mark(end);
        code.load(result);
    }

    /** And, or: the left side alone decides if it has this value; errors give way to it from either side. */
    private void junction(String operation, int decisive, Node left, Node right) {
        int result = code.local();
        int end = code.label();
        truth(left);
        code.store(result);
        code.jumpIf(result, decisive, end);
        if (!outlinedTruth(right)) {
            truth(right);
        }
        combine(operation, result);
        code.mark(end);
        code.load(result);
    }

    private boolean outlinedTruth(Node node) {
        if (code.size() < LARGE) {
            return false;
        }
        flush();
        code.own(method("part" + methods.size(), Answer.INT, () -> {
            truth(node);
            code.answer();
        }));
        return true;
    }

    /** Merges the value on the stack into a local. */
    private void combine(String operation, int result) {
        int right = code.local();
        int decisive = operation.equals("and") ? Truth.FALSE : Truth.TRUE;
        int decided = code.label();
        int failed = code.label();
        int end = code.label();
        code.store(right);
        code.jumpIf(result, decisive, end);
        code.jumpIf(right, decisive, decided);
        code.jumpIf(result, Truth.ERROR, end);
        code.jumpIf(right, Truth.ERROR, failed);
        code.jump(end);
        code.mark(decided);
        code.push(decisive);
        code.store(result);
        code.jump(end);
        code.mark(failed);
        code.push(Truth.ERROR);
        code.store(result);
        code.mark(end);
    }

    private void branch(Node condition, Runnable whenTrue, Runnable whenFalse, Runnable whenError) {
        int yes = code.label();
        int no = code.label();
        int end = code.label();
        int local = code.local();
        truth(condition);
        code.store(local);
        code.jumpIf(local, Truth.TRUE, yes);
        code.jumpIf(local, Truth.FALSE, no);
        whenError.run();
        flush();
        code.jump(end);
        code.mark(yes);
        whenTrue.run();
        flush();
        code.jump(end);
        code.mark(no);
        whenFalse.run();
        flush();
        code.mark(end);
    }

    // ---- loops ------------------------------------------------------------------------------------------------------

    private void loop(Node.Loop loop, int failed, Runnable body) {
        flush();
        number(loop.element());
        if (loop.range() instanceof Node.Each inner) {
            loop(
                    inner.loop(),
                    failed,
                    () -> filtered(inner, failed, element -> {
                        step(Trees.class, "look", loop.element().number, sound(element));
                        body.run();
                    }));
            return;
        }
        int range = value(loop.range());
        int number = loops++;
        int state = code.local();
        int top = code.label();
        int end = code.label();
        int list = loop.element().list;
        if (list < 0) {
            answer(Loops.class, "start", number, range);
        } else {
            answer(Loops.class, "start", number, range, list);
        }
        code.store(state);
        code.jumpIf(state, Truth.ERROR, failed);
        code.mark(top);
        answer(Loops.class, "next", number, loop.element().number);
        code.store(state);
        code.jumpIf(state, Truth.FALSE, end);
        body.run();
        flush();
        code.jump(top);
        code.mark(end);
    }

    /** Makes the value, and gives up if that fails. */
    private int sound(Node element) {
        int register = value(element);
        step(Truth.class, "sound", register);
        return register;
    }

    private void loop(Node.Each each, java.util.function.Consumer<Node> body) {
        int failed = code.label();
        int end = code.label();
        loop(each.loop(), failed, () -> filtered(each, failed, body));
        code.jump(end);
        code.mark(failed);
        step(Truth.class, "trap");
        code.mark(end);
    }

    private void filtered(Node.Each each, int failed, java.util.function.Consumer<Node> body) {
        if (each.filter() == null) {
            body.accept(each.element());
            return;
        }
        int local = code.local();
        int skip = code.label();
        truth(each.filter());
        code.store(local);
        code.jumpIf(local, Truth.FALSE, skip);
        code.jumpIf(local, Truth.ERROR, failed);
        body.accept(each.element());
        flush();
        code.mark(skip);
    }

    private void collect(Node.Each each, int target) {
        int failed = code.label();
        int end = code.label();
        step(Calls.class, "newList", target);
        loop(
                each.loop(),
                failed,
                () -> filtered(each, failed, element -> step(Calls.class, "append", target, sound(element))));
        code.jump(end);
        code.mark(failed);
        step(Truth.class, "fail", target);
        code.mark(end);
    }

    private void quantifier(Node.Loop loop, Node condition, String operation, int start, int decisive) {
        int result = code.local();
        int failed = code.label();
        int end = code.label();
        boolean whole = loop.range() instanceof Node.Each;
        code.push(start);
        code.store(result);
        loop(loop, failed, () -> {
            truth(condition);
            combine(operation, result);
            if (!whole) {
                code.jumpIf(result, decisive, end);
            }
        });
        code.jump(end);
        code.mark(failed);
        code.push(Truth.ERROR);
        code.store(result);
        code.mark(end);
        code.load(result);
    }

    private void existsOne(Node.Loop loop, Node condition) {
        int count = nextRegister.getAsInt();
        int result = code.local();
        int failed = code.label();
        int end = code.label();
        step(Arithmetic.class, "zero", count);
        loop(loop, failed, () -> {
            int local = code.local();
            int skip = code.label();
            truth(condition);
            code.store(local);
            code.jumpIf(local, Truth.ERROR, failed);
            code.jumpIf(local, Truth.FALSE, skip);
            step(Arithmetic.class, "increment", count);
            code.mark(skip);
        });
        answer(Arithmetic.class, "isOne", count);
        code.store(result);
        code.jump(end);
        code.mark(failed);
        code.push(Truth.ERROR);
        code.store(result);
        code.mark(end);
        code.load(result);
    }

    // ---- JSON -------------------------------------------------------------------------------------------------------

    /** @param depth how deep this value is nested in the output, itself included */
    private void write(Node node, int depth) {
        if (code.size() >= LARGE && !(node instanceof Node.Constant)) {
            flush();
            code.own(method("part" + methods.size(), Answer.NOTHING, () -> writeHere(node, depth)));
        } else {
            writeHere(node, depth);
        }
    }

    private void writeHere(Node node, int depth) {
        switch (node) {
            case Node.Constant(Object text)
            when text instanceof Boolean || text instanceof Long -> pending.append(text);
            case Node.MapLiteral(List<String> keys, List<Node> values) -> {
                pending.append('{');
                for (int i = 0; i < keys.size(); i++) {
                    pending.append(i == 0 ? "" : ",")
                            .append(Writing.quoted(keys.get(i)))
                            .append(':');
                    write(values.get(i), depth + 1);
                }
                pending.append('}');
                deep(depth);
            }
            case Node.ListLiteral(List<Node> elements) -> {
                pending.append('[');
                for (int i = 0; i < elements.size(); i++) {
                    pending.append(i == 0 ? "" : ",");
                    write(elements.get(i), depth + 1);
                }
                pending.append(']');
                deep(depth);
            }
            case Node.Conditional(Node condition, Node whenTrue, Node whenFalse)
            when uses.getOrDefault(node, 0) < 2 ->
                branch(
                        condition,
                        () -> write(whenTrue, depth),
                        () -> write(whenFalse, depth),
                        () -> step(Truth.class, "trap"));
            case Node.Concatenation(List<Node> parts)
            when uses.getOrDefault(node, 0) < 2 -> step(Writing.class, "joined", table(parts));
            case Node.Each each -> {
                pending.append('[');
                flush();
                step(Writing.class, "deep", depth);
                int first = nextRegister.getAsInt();
                step(Arithmetic.class, "zero", first);
                loop(each, element -> {
                    step(Writing.class, "comma", first);
                    write(element, depth + 1);
                });
                pending.append(']');
            }
            default -> writeRegister(value(node), depth);
        }
    }

    private void deep(int depth) {
        if (depth > 32) {
            step(Writing.class, "deep", depth);
        }
    }

    private void writeRegister(int register, int depth) {
        step(Writing.class, "value", register, depth);
    }

    private void flush() {
        if (!pending.isEmpty()) {
            var text = pending.toString().getBytes(StandardCharsets.UTF_8);
            pending.setLength(0);
            texts.add(JsonOutput.padded(text));
            code.operation(Writing.class, "text", Answer.NOTHING, texts.size() - 1, text.length);
        }
    }

    // ---- numbers for things -----------------------------------------------------------------------------------------

    private void step(Class<?> owner, String operation, int... arguments) {
        flush();
        code.operation(owner, operation, Answer.NOTHING, arguments);
    }

    private void answer(Class<?> owner, String operation, int... arguments) {
        flush();
        code.operation(owner, operation, Answer.INT, arguments);
    }

    private int site(CallSite site) {
        int known = sites.indexOf(site);
        if (known < 0) {
            sites.add(site);
            known = sites.size() - 1;
        }
        return known;
    }

    private int name(String name) {
        int known = names.indexOf(name);
        if (known < 0) {
            names.add(name);
            known = names.size() - 1;
        }
        return known;
    }

    private int table(List<? extends Node> nodes) {
        return table(nodes.stream().mapToInt(this::value).toArray());
    }

    private int table(int[] registers) {
        tables.add(registers);
        return tables.size() - 1;
    }

    // ---- the result -------------------------------------------------------------------------------------------------

    List<Code> methods() {
        return methods;
    }

    /** @param registers how many registers there are, once all has been emitted */
    Program program(IntSupplier registers, Tree payload) {
        var values = new ArrayList<Program.Constant>();
        constants.forEach((constant, register) -> values.add(new Program.Constant(register, constant.value())));
        // The root says what the whole value is.
        trees.forEach(tree -> tree.register(List.of()));
        var shelves = lists.values().stream().map(this::shelf).toList();
        int number = 0;
        for (var list : lists.keySet()) {
            payload.keepRows(list, number++);
        }
        payload.seal();
        var parts = trees.stream().map(tree -> parts(tree, shelves)).toArray(Program.TreeParts[]::new);
        return new Program(
                registers.getAsInt(),
                loops,
                payload.paths(),
                values,
                shared.values().stream().mapToInt(Shared::register).toArray(),
                sites.toArray(CallSite[]::new),
                tables.toArray(int[][]::new),
                texts.toArray(byte[][]::new),
                names.toArray(String[]::new),
                parts,
                shelves.stream().map(Shelf::columns).toList());
    }

    /** What is kept of a list's elements in which column, and how that is read. */
    private record Shelf(Map<List<String>, Integer> numbers, Rows.Columns columns) {}

    private Shelf shelf(List<Tree> elements) {
        var numbers = new LinkedHashMap<List<String>, Integer>();
        var registers = new ArrayList<Integer>();
        var paths = new PathTree(nextRegister);
        for (var element : elements) {
            for (var part : element.parts()) {
                if (numbers.putIfAbsent(part.members(), numbers.size()) == null) {
                    registers.add(paths.register(part.members()));
                }
            }
        }
        paths.seal();
        return new Shelf(
                numbers,
                new Rows.Columns(
                        paths, registers.stream().mapToInt(Integer::intValue).toArray()));
    }

    private static Program.TreeParts parts(Tree tree, List<Shelf> shelves) {
        tree.seal();
        var parts = tree.parts();
        var columns = tree.list < 0
                ? new int[0]
                : parts.stream()
                        .mapToInt(part -> Objects.requireNonNull(
                                shelves.get(tree.list).numbers().get(part.members())))
                        .toArray();
        return new Program.TreeParts(
                tree.paths(),
                parts.toArray(Tree.Part[]::new),
                tree.list,
                parts.stream().mapToInt(Tree.Part::register).toArray(),
                columns);
    }
}
