// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import io.fiso.transform.compiled.Code.Answer;
import io.fiso.transform.json.JsonOutput;
import io.fiso.transform.json.PathTree;
import io.fiso.transform.json.Rows;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;

/** The methods under construction, and the numbers by which their code refers to things. */
final class Assembly {
    /** A method that has grown to so many steps gets its further parts in methods of their own: the JVM does not compile large ones. */
    private static final int LARGE = 300;

    private final IntSupplier nextRegister;
    private final List<Code> methods = new ArrayList<>();
    private final List<CallSite> sites = new ArrayList<>();
    private final List<int[]> tables = new ArrayList<>();
    private final List<byte[]> texts = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<Tree> trees = new ArrayList<>();
    private final Map<List<String>, List<Tree>> lists;
    private int loops;

    /** Text of the output that is the same for every event, and has not been written yet. */
    final StringBuilder pending = new StringBuilder();

    /** The method that is being written. */
    Code code = new Code("", Answer.NOTHING);

    /** @param lists the lists of the payload that loops go over, each with those loops' elements */
    Assembly(IntSupplier nextRegister, Map<List<String>, List<Tree>> lists) {
        this.nextRegister = nextRegister;
        this.lists = lists;
        int number = 0;
        for (var elements : lists.values()) {
            for (var element : elements) {
                element.list = number;
            }
            number++;
        }
    }

    int register() {
        return nextRegister.getAsInt();
    }

    /** One more loop that can be under way. */
    int loop() {
        return loops++;
    }

    /** A name for a method of the generated class that there is not yet. */
    String part() {
        return "part" + methods.size();
    }

    boolean isLarge() {
        return code.size() >= LARGE;
    }

    Code method(String name, Answer answer, Runnable body) {
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
    boolean outlined(Runnable body) {
        if (!isLarge()) {
            return false;
        }
        flush();
        code.own(method(part(), Answer.NOTHING, body));
        return true;
    }

    void number(Tree tree) {
        if (tree.number < 0) {
            tree.number = trees.size();
            trees.add(tree);
        }
    }

    /** Writes what is pending. */
    void flush() {
        if (!pending.isEmpty()) {
            var text = pending.toString();
            pending.setLength(0);
            text(text, "text");
        }
    }

    /** Writes a text by an operation that takes these arguments, and then the text's number and length. */
    void text(String text, String operation, int... arguments) {
        var utf8 = text.getBytes(StandardCharsets.UTF_8);
        texts.add(JsonOutput.padded(utf8));
        var all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = texts.size() - 1;
        all[arguments.length + 1] = utf8.length;
        code.operation(Writing.class, operation, Answer.NOTHING, all);
    }

    /** Calls an operation that leaves nothing. */
    void step(Class<?> owner, String operation, int... arguments) {
        flush();
        code.operation(owner, operation, Answer.NOTHING, arguments);
    }

    /** Calls an operation that leaves an int on the stack. */
    void answer(Class<?> owner, String operation, int... arguments) {
        flush();
        code.operation(owner, operation, Answer.INT, arguments);
    }

    int site(CallSite site) {
        int known = sites.indexOf(site);
        if (known < 0) {
            sites.add(site);
            known = sites.size() - 1;
        }
        return known;
    }

    int name(String name) {
        int known = names.indexOf(name);
        if (known < 0) {
            names.add(name);
            known = names.size() - 1;
        }
        return known;
    }

    int table(int[] registers) {
        tables.add(registers);
        return tables.size() - 1;
    }

    List<Code> methods() {
        return methods;
    }

    /**
     * What the code refers to.
     *
     * @param registers how many registers there are, once all has been emitted
     * @param memos the registers of what is calculated at most once per event
     */
    Program program(IntSupplier registers, Tree payload, List<Program.Constant> constants, int[] memos) {
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
                constants,
                memos,
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
