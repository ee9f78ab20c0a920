// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.compiled.Code.Answer;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes what decides: truth values, branches and loops. A truth value, which may be an error as well, is an int on the stack: see {@link Truth}. */
final class Branches {
    private final Assembly to;
    private final Emitter values;

    Branches(Assembly to, Emitter values) {
        this.to = to;
        this.values = values;
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

    /** Leaves the truth value on the stack. */
    void truth(Node node) {
        truth(node, true);
    }

    void truth(Node node, boolean sharing) {
        to.flush();
        if (sharing && values.isShared(node)) {
            to.answer(Truth.class, "of", values.value(node));
            return;
        }
        switch (node) {
            case Node.And(Node left, Node right) -> {
                junction(Truth.FALSE, left, right);
            }
            case Node.Or(Node left, Node right) -> {
                junction(Truth.TRUE, left, right);
            }
            case Node.Not(Node operand) -> {
                truth(operand);
                not();
            }
            case Node.Equal(boolean negated, Node left, Node right, CallSite slow) -> {
                int a = values.value(left);
                int b = values.value(right);
                to.answer(Comparison.class, "equal", a, b, to.site(slow));
                if (negated) {
                    not();
                }
            }
            case Node.OneOf(Node tested, List<Node.Constant> constants) -> {
                int register = values.value(tested);
                to.answer(Comparison.class, "oneOf", register, values.table(constants));
            }
            case Node.Binary(String operation, Node left, Node right, CallSite slow)
            when comparison(operation) != null -> {
                int a = values.value(left);
                int b = values.value(right);
                to.answer(Comparison.class, Objects.requireNonNull(comparison(operation)), a, b, to.site(slow));
            }
            case Node.Function(Node.Native function, Node first, Node second, CallSite slow)
            when second != null -> {
                int a = values.value(first);
                int b = values.value(second);
                to.answer(
                        Texts.class,
                        switch (function) {
                            case CONTAINS -> "contains";
                            case STARTS_WITH -> "startsWith";
                            case ENDS_WITH -> "endsWith";
                            default -> throw new IllegalStateException("a function of two values: " + function);
                        },
                        a,
                        b,
                        to.site(slow));
            }
            case Node.Has(Tree tree, List<String> members) -> {
                values.look(tree);
                int holder = tree.register(members.subList(0, members.size() - 1));
                to.answer(Trees.class, "has", holder, tree.register(members));
            }
            case Node.Conditional(Node condition, Node whenTrue, Node whenFalse) -> {
                int result = to.code.local();
                branch(
                        condition,
                        () -> {
                            truth(whenTrue);
                            to.code.store(result);
                        },
                        () -> {
                            truth(whenFalse);
                            to.code.store(result);
                        },
                        () -> {
                            set(result, Truth.ERROR);
                        });
                to.code.load(result);
            }
            case Node.Exists(Node.Loop loop, Node condition) -> quantifier(loop, condition, Truth.TRUE);
            case Node.All(Node.Loop loop, Node condition) -> quantifier(loop, condition, Truth.FALSE);
            case Node.ExistsOne(Node.Loop loop, Node condition) -> existsOne(loop, condition);
            default -> to.answer(Truth.class, "of", values.value(node));
        }
    }

    private void set(int local, int value) {
        to.code.push(value);
        to.code.store(local);
    }

    private void not() {
        int local = to.code.local();
        to.code.store(local);
        int end = to.code.label();
        int no = to.code.label();
        int result = to.code.local();
        to.code.load(local);
        to.code.store(result);
        to.code.jumpIf(local, Truth.ERROR, end);
        to.code.jumpIf(local, Truth.TRUE, no);
        set(result, Truth.TRUE);
        to.code.jump(end);
        to.code.mark(no);
        set(result, Truth.FALSE);
        to.code.mark(end);
        to.code.load(result);
    }

    /** And, or: the left side alone decides if it has this value; errors give way to it from either side. */
    private void junction(int decisive, Node left, Node right) {
        int result = to.code.local();
        int end = to.code.label();
        truth(left);
        to.code.store(result);
        to.code.jumpIf(result, decisive, end);
        if (!outlinedTruth(right)) {
            truth(right);
        }
        combine(decisive, result);
        to.code.mark(end);
        to.code.load(result);
    }

    private boolean outlinedTruth(Node node) {
        if (!to.isLarge()) {
            return false;
        }
        to.flush();
        to.code.own(to.method(to.part(), Answer.INT, () -> {
            truth(node);
            to.code.answer();
        }));
        return true;
    }

    /** Merges the value on the stack into a local. */
    private void combine(int decisive, int result) {
        int right = to.code.local();
        int decided = to.code.label();
        int failed = to.code.label();
        int end = to.code.label();
        to.code.store(right);
        to.code.jumpIf(result, decisive, end);
        to.code.jumpIf(right, decisive, decided);
        to.code.jumpIf(result, Truth.ERROR, end);
        to.code.jumpIf(right, Truth.ERROR, failed);
        to.code.jump(end);
        to.code.mark(decided);
        set(result, decisive);
        to.code.jump(end);
        to.code.mark(failed);
        set(result, Truth.ERROR);
        to.code.mark(end);
    }

    void branch(Node condition, Runnable whenTrue, Runnable whenFalse, Runnable whenError) {
        int yes = to.code.label();
        int no = to.code.label();
        int end = to.code.label();
        int local = to.code.local();
        truth(condition);
        to.code.store(local);
        to.code.jumpIf(local, Truth.TRUE, yes);
        to.code.jumpIf(local, Truth.FALSE, no);
        whenError.run();
        to.flush();
        to.code.jump(end);
        to.code.mark(yes);
        whenTrue.run();
        to.flush();
        to.code.jump(end);
        to.code.mark(no);
        whenFalse.run();
        to.flush();
        to.code.mark(end);
    }

    void loop(Node.Loop loop, int failed, Runnable body) {
        to.flush();
        to.number(loop.element());
        if (loop.range() instanceof Node.Each inner) {
            loop(
                    inner.loop(),
                    failed,
                    () -> filtered(inner, failed, element -> {
                        to.step(Trees.class, "look", loop.element().number, values.sound(element));
                        body.run();
                    }));
            return;
        }
        int range = values.value(loop.range());
        int number = to.loop();
        int state = to.code.local();
        int top = to.code.label();
        int end = to.code.label();
        int list = loop.element().list;
        if (list < 0) {
            to.answer(Loops.class, "start", number, range);
        } else {
            to.answer(Loops.class, "start", number, range, list);
        }
        to.code.store(state);
        to.code.jumpIf(state, Truth.ERROR, failed);
        to.code.mark(top);
        to.answer(Loops.class, "next", number, loop.element().number);
        to.code.store(state);
        to.code.jumpIf(state, Truth.FALSE, end);
        body.run();
        to.flush();
        to.code.jump(top);
        to.code.mark(end);
    }

    void loop(Node.Each each, Consumer<Node> body) {
        int failed = to.code.label();
        int end = to.code.label();
        loop(each.loop(), failed, () -> filtered(each, failed, body));
        to.code.jump(end);
        to.code.mark(failed);
        to.step(Truth.class, "trap");
        to.code.mark(end);
    }

    void filtered(Node.Each each, int failed, Consumer<Node> body) {
        if (each.filter() == null) {
            body.accept(each.element());
            return;
        }
        int local = to.code.local();
        int skip = to.code.label();
        truth(each.filter());
        to.code.store(local);
        to.code.jumpIf(local, Truth.FALSE, skip);
        to.code.jumpIf(local, Truth.ERROR, failed);
        body.accept(each.element());
        to.flush();
        to.code.mark(skip);
    }

    /** The truth values of all turns, merged: the decisive one ends the loop. */
    private void quantifier(Node.Loop loop, Node condition, int decisive) {
        int result = to.code.local();
        int failed = to.code.label();
        int end = to.code.label();
        boolean whole = loop.range() instanceof Node.Each;
        set(result, decisive == Truth.TRUE ? Truth.FALSE : Truth.TRUE);
        loop(loop, failed, () -> {
            truth(condition);
            combine(decisive, result);
            if (!whole) {
                to.code.jumpIf(result, decisive, end);
            }
        });
        to.code.jump(end);
        to.code.mark(failed);
        set(result, Truth.ERROR);
        to.code.mark(end);
        to.code.load(result);
    }

    private void existsOne(Node.Loop loop, Node condition) {
        int count = to.register();
        int result = to.code.local();
        int failed = to.code.label();
        int end = to.code.label();
        to.step(Arithmetic.class, "zero", count);
        loop(loop, failed, () -> {
            int local = to.code.local();
            int skip = to.code.label();
            truth(condition);
            to.code.store(local);
            to.code.jumpIf(local, Truth.ERROR, failed);
            to.code.jumpIf(local, Truth.FALSE, skip);
            to.step(Arithmetic.class, "increment", count);
            to.code.mark(skip);
        });
        to.answer(Arithmetic.class, "isOne", count);
        to.code.store(result);
        to.code.jump(end);
        to.code.mark(failed);
        set(result, Truth.ERROR);
        to.code.mark(end);
        to.code.load(result);
    }
}
