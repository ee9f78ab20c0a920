// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cel.common.values.NullValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Compares the scanner, the registers and the materialised values with what Jackson reads of the same text. */
final class JacksonAgreement {
    private static final int MAX_DEPTH = 4;

    /** So many trees learn from what is scanned, each until it is replaced. */
    private static final int TREES = 40;

    private static final int LIFETIME = 50;

    private static final Oracle ORACLE = new Oracle(MAX_DEPTH);

    private static final PathTree WHOLE = new PathTree(() -> 0);

    static {
        WHOLE.register(List.of());
        WHOLE.seal();
    }

    private final Registers r = new Registers(64);
    private final Asked[] trees = new Asked[TREES];

    record Asked(PathTree tree, Map<List<String>, Integer> registers) {}

    /** Whether both say that it is JSON; fails if they do not agree. */
    boolean agrees(RandomGenerator random, Asked asked, byte[] text) {
        // What stands around the payload must not matter: it is what would go on with a number, a string, a tree.
        var around = List.of("", "12", "\"", "]", "}", " ", "\\", ",\"a\":1}", "                    ");
        var before = around.get(random.nextInt(around.size())).getBytes(UTF_8);
        var after = around.get(random.nextInt(around.size())).getBytes(UTF_8);
        var json = new byte[before.length + text.length + after.length];
        System.arraycopy(before, 0, json, 0, before.length);
        System.arraycopy(text, 0, json, before.length, text.length);
        System.arraycopy(after, 0, json, before.length + text.length, after.length);
        int from = before.length;
        int to = from + text.length;

        var expected = ORACLE.read(text);
        int depth;
        try {
            depth = JsonScanner.scan(asked.tree(), r, json, from, to, MAX_DEPTH);
        } catch (NotJsonException e) {
            assertThat(expected).as(e.reason()).isEmpty();
            assertThat(e.at()).isBetween(from, to);
            assertThat(e.message(json, from)).contains("line ", ", column ");
            return false;
        }
        assertThat(expected).isPresent();
        var root = expected.get();
        same(depth, ORACLE.depth(text));
        asked.registers().forEach((path, register) -> checkRegister(r, register, at(root, path)));
        if (r.kind[asked.registers().getOrDefault(List.of(), 63)] == Kind.OBJECT && root instanceof Map) {
            checkScanValue(r, asked, root);
        }
        return true;
    }

    /** A valid text's value. */
    static Object read(byte[] text) {
        return ORACLE.read(text).orElseThrow();
    }

    void scan(PathTree tree, String document) {
        var json = document.getBytes(UTF_8);
        try {
            JsonScanner.scan(tree, r, json, 0, json.length, 100);
        } catch (NotJsonException e) {
            throw new AssertionError(e);
        }
    }

    Asked tree(RandomGenerator random) {
        int index = random.nextInt(TREES);
        if (trees[index] == null || random.nextInt(LIFETIME) == 0) {
            trees[index] = ask(random);
        }
        return trees[index];
    }

    /** What to look for. */
    static Asked ask(RandomGenerator random) {
        var registers = new LinkedHashMap<List<String>, Integer>();
        int[] next = {0};
        int step = random.nextInt(1, 3);
        var tree = new PathTree(() -> next[0] += step);
        for (int i = random.nextInt(10); i > 0; i--) {
            List<String> path = new ArrayList<>();
            for (int level = random.nextInt(4); level > 0; level--) {
                path.add(RandomJson.NAMES.get(random.nextInt(RandomJson.NAMES.size())));
            }
            int register = tree.register(path);
            var known = registers.put(path, register);
            assertThat(known).isIn(null, register);
        }
        tree.seal();
        same(tree.isEmpty(), registers.isEmpty());
        return new Asked(tree, registers);
    }

    /** A second look at the same value finds the same. */
    private static void checkScanValue(Registers r, Asked asked, Object root) {
        int register = asked.registers().get(List.of());
        int start = r.start[register];
        int end = r.end[register];
        Arrays.fill(r.kind, Kind.UNSET);
        same(JsonScanner.scanValue(asked.tree(), r, start), end);
        asked.registers().forEach((path, each) -> checkRegister(r, each, at(root, path)));
    }

    private static Object at(Object root, List<String> path) {
        var value = root;
        for (var name : path) {
            value = value instanceof Map<?, ?> members ? members.get(name) : null;
        }
        return value;
    }

    private static void checkRegister(Registers r, int register, Object expected) {
        byte kind = r.kind[register];
        if (expected == null) {
            same(kind, Kind.ABSENT);
            return;
        }
        switch (expected) {
            case Oracle.Nothing _ -> same(kind, Kind.NULL);
            case Boolean flag -> same(kind, flag ? Kind.TRUE : Kind.FALSE);
            case Long number -> {
                same(kind, Kind.INT);
                same(r.bits[register], number.longValue());
            }
            case Oracle.Decimal decimal -> {
                same(kind, Kind.DECIMAL);
                same(span(r, register), decimal.written());
            }
            case String text -> {
                var span = span(r, register);
                same(kind, span.indexOf('\\') < 0 ? Kind.STRING : Kind.ESCAPED);
                same(r.bits[register], kind == Kind.STRING && span.chars().allMatch(c -> c < 0x80) ? 1L : 0L);
                same(JsonText.string(r, register), text);
            }
            default -> checkTree(r, register, expected);
        }
        checkMaterialized(Materializer.value(r, register, new Digits()), expected);
    }

    private static void checkTree(Registers r, int register, Object expected) {
        same(r.kind[register], expected instanceof Map ? Kind.OBJECT : Kind.ARRAY);
        long bits = r.bits[register];
        var out = new JsonOutput(1 << 20);
        out.tree(r.payload, r.start[register], r.end[register], true);
        same(Registers.depth(bits), ORACLE.depth(out.toByteArray()));
        same(out.size() < r.end[register] - r.start[register], Registers.spaced(bits));
        assertThat(ORACLE.read(out.toByteArray())).contains(expected);
        same(JsonScanner.skip(r.payload, r.start[register]), r.end[register]);
        if (expected instanceof List<?> elements) {
            same(JsonScanner.elements(r.payload, r.start[register]), elements.size());
        }
    }

    private static void checkMaterialized(Object value, Object expected) {
        switch (expected) {
            case Oracle.Nothing _ -> same(value, NullValue.NULL_VALUE);
            case Oracle.Decimal decimal -> same(value, Double.parseDouble(decimal.written()));
            case Map<?, ?> members -> {
                var known = (Map<?, ?>) value;
                same(known.keySet(), members.keySet());
                members.forEach((name, member) -> checkMaterialized(known.get(name), member));
                checkSource((Materializer.Source) value);
            }
            case List<?> elements -> {
                var known = (List<?>) value;
                assertThat(known).hasSameSizeAs(elements);
                for (int i = 0; i < elements.size(); i++) {
                    checkMaterialized(known.get(i), elements.get(i));
                }
                checkSource((Materializer.Source) value);
            }
            default -> same(value, expected);
        }
    }

    /** What is materialised knows of its bytes what the scanner says of them. */
    private static void checkSource(Materializer.Source source) {
        var r = new Registers(1);
        r.payload = source.json();
        r.payloadEnd = source.end();
        r.maxDepth = MAX_DEPTH;
        same(JsonScanner.scanValue(WHOLE, r, source.start()), source.end());
        same(source.treeBits(), r.bits[0]);
    }

    private static String span(Registers r, int register) {
        return new String(r.payload, r.start[register], r.end[register] - r.start[register], UTF_8);
    }

    /** Millions of them: what holds must cost nothing. */
    private static void same(Object actual, Object expected) {
        if (!actual.equals(expected)) {
            assertThat(actual).isEqualTo(expected);
        }
    }

    private static void same(long actual, long expected) {
        if (actual != expected) {
            assertThat(actual).isEqualTo(expected);
        }
    }
}
