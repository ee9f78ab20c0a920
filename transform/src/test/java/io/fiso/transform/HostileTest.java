// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Expressions and documents that attack. Whatever they try, it ends in time, with the error that the limits promise, in both engines; no thread is
 * started, no {@code Error} comes out, and the very next event is evaluated as if nothing had been.
 */
class HostileTest {
    private static final Limits LIMITS = Limits.DEFAULT.withTimeout(Duration.ofMillis(100));

    /** On a machine that is busy with other things. */
    private static final long DEADLINE_SECONDS = 20;

    /** What an attack may allocate, garbage and the document's own objects included; those that are not stopped need far more. */
    private static final long MOST_ALLOCATED = 2L << 30;

    private static final String TIME = "the expressions took longer than 100 ms";
    private static final String MEMORY = "the expressions build more than 32 MiB of values";
    private static final String OUTPUT = "the output is larger than 1048576 bytes";

    private static final EventView HARMLESS =
            TransformTest.event("{\"ok\": 41, \"n\": [1], \"s\": \"x\", \"t\": \"y\"}");

    private final Set<Thread> threads = new HashSet<>();

    @BeforeEach
    void noteThreads() {
        threads.addAll(Thread.getAllStackTraces().keySet());
    }

    @AfterEach
    void noThreadWasStarted() {
        var more = new HashSet<>(Thread.getAllStackTraces().keySet());
        more.removeAll(threads);
        assertThat(more).as("threads that were not there before").isEmpty();
    }

    // ---- expressions that would take minutes, or all memory
    // -----------------------------------------------------------

    private record Attack(String expression, String document, String... errors) {
        @Override
        public String toString() {
            return shortened(expression);
        }
    }

    static Stream<Arguments> attacks() {
        return Stream.of(endless(), searching(), matching(), growing(), writing())
                .flatMap(List::stream)
                .flatMap(attack -> Stream.of(Arguments.of(true, attack), Arguments.of(false, attack)));
    }

    private static List<Attack> endless() {
        var document = "{\"n\": " + numbers(0, 3_000) + ", \"m\": " + numbers(3_000, 6_000) + "}";
        return List.of(
                new Attack(
                        "data.n.exists(a, data.n.exists(b, data.n.exists(c, a + b + c < 0))) ? 1 : 2", document, TIME),
                new Attack("data.n.all(a, data.n.all(b, data.n.all(c, a + b + c >= 0))) ? 1 : 2", document, TIME),
                // Every turn fails, which the next may make void.
                new Attack("data.n.exists(a, data.n.exists(b, data.n.exists(c, c.x == 1))) ? 1 : 2", document, TIME),
                new Attack(
                        "data.n.exists(a, data.n.exists(b, data.n.exists(c, c < 0))) || true ? 1 : 2", document, TIME),
                new Attack("data.n.exists_one(a, data.n.exists_one(b, data.n.all(c, c >= 0))) ? 1 : 2", document, TIME),
                new Attack("size(data.n.filter(a, data.n.exists(b, data.n.exists(c, c < 0))))", document, TIME),
                new Attack("data.n.map(a, data.n.map(b, data.n.exists(c, c < 0)))", document, TIME, OUTPUT),
                new Attack("data.n.map(a, data.n.map(b, data.n.map(c, a + b + c))).size()", document, TIME, MEMORY),
                new Attack(
                        "data.n.map(a, data.n.map(b, data.n.filter(c, c < 0).size()).size()).size()", document, TIME),
                new Attack(
                        "data.n.map(a, data.n.sortBy(b, -b).size() + data.n.filter(b, b in data.m).size()).size()",
                        document,
                        TIME,
                        MEMORY),
                new Attack(
                        "data.n.all(a, data.n.all(b, hash.sha256(string(a + b)) != '')) ? 1 : 2",
                        document,
                        TIME,
                        MEMORY));
    }

    private static List<Attack> searching() {
        var texts = "{\"s\": \"" + "a".repeat(2_000_000) + "\", \"t\": \"" + "a".repeat(1_000_000) + "b\", \"u\": \"b"
                + "a".repeat(1_000_000) + "\"}";
        var lists = "{\"n\": " + numbers(0, 100_000) + ", \"m\": " + numbers(-1, 100_000) + ", \"o\": "
                + numbers(200_000, 300_000) + "}";
        var colliding = "{\"n\": " + collidingTexts(16) + "}";
        return List.of(
                new Attack("data.s.contains(data.t) ? 1 : 2", texts, TIME),
                new Attack("data.s.indexOf(data.t)", texts, TIME),
                new Attack("data.s.lastIndexOf(data.u)", texts, TIME),
                new Attack("data.s.replace(data.t, 'x').size()", texts, TIME),
                new Attack("data.s.split(data.t).size()", texts, TIME),
                new Attack("sets.contains(data.n, data.m) ? 1 : sets.contains(data.m, data.n) ? 1 : 2", lists, TIME),
                new Attack("sets.equivalent(data.m, data.n) ? 1 : 2", lists, TIME),
                new Attack("sets.intersects(data.n, data.o) ? 1 : 2", lists, TIME),
                new Attack("data.n.filter(x, x in data.o).size()", lists, TIME),
                new Attack("data.n.distinct().size()", colliding, TIME));
    }

    private static List<Attack> matching() {
        var document = "{\"s\": \"" + "a".repeat(1_000_000) + "\"}";
        return List.of(
                new Attack("data.s.matches('(a?){900}(a|b){900}c') ? 1 : 2", document, TIME),
                new Attack("matches(data.s, '(a?){900}(a|b){900}c') ? 1 : 2", document, TIME),
                new Attack("regex.extract(data.s, '(?:a?){900}(?:a|b){900}c').orValue('')", document, TIME),
                new Attack("regex.extractAll(data.s, 'a.*z|a').size()", document, TIME),
                new Attack("regex.replace(data.s, 'a.*z|a', 'b').size()", document, TIME),
                new Attack("regex.replace(data.s, 'a.*z|a', 'b', 900000).size()", document, TIME));
    }

    private static List<Attack> growing() {
        var large = "{\"n\": " + numbers(0, 1_000) + ", \"s\": \"" + "a".repeat(1_000_000) + "\", \"t\": \""
                + "a".repeat(10_000_000) + "\", \"l\": " + numbers(0, 1_000).replaceAll("(\\d+)", "\"$1\"") + "}";
        return List.of(
                new Attack("[data.s]" + ".map(x, x + x)".repeat(50) + ".map(x, size(x))", large, MEMORY),
                new Attack("[1]" + ".map(x, [x, x])".repeat(60) + ".size()", large, MEMORY),
                new Attack(
                        "[1]" + ".map(x, [x, x])".repeat(60) + " == [1]" + ".map(x, [x, x])".repeat(60) + " ? 1 : 2",
                        large,
                        MEMORY),
                new Attack("[1]" + ".map(x, {'a': x, 'b': x})".repeat(60) + ".size()", large, MEMORY),
                new Attack("json.encode([1]" + ".map(x, [x, x])".repeat(60) + ").size()", large, MEMORY),
                new Attack("[[1]]" + ".map(x, x + x)".repeat(60) + ".size()", large, MEMORY),
                new Attack("[b'aaaaaaaa']" + ".map(x, x + x)".repeat(60) + ".size()", large, MEMORY),
                new Attack("('' + data.t" + " + data.t".repeat(200) + ").size()", large, MEMORY),
                new Attack("data.s.replace('a', data.s).size()", large, MEMORY),
                new Attack("data.s.replace('', data.s).size()", large, MEMORY),
                new Attack("data.l.join(data.s).size()", large, MEMORY),
                new Attack("data.n.map(x, data.s + string(x)).size()", large, MEMORY),
                new Attack("data.t.split('').size()", large, MEMORY),
                new Attack("data.t.split('a').size()", large, MEMORY),
                new Attack("regex.extractAll(data.t, 'a').size()", large, MEMORY, TIME),
                new Attack("regex.replace(data.s, 'a', data.s).size()", large, MEMORY, TIME),
                new Attack(
                        "regex.replace(data.s, 'a*', '\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0').size()",
                        large,
                        MEMORY,
                        TIME),
                new Attack("lists.range(2000000000).size()", large, MEMORY),
                new Attack("lists.range(9223372036854775807).size()", large, MEMORY),
                new Attack("json.parse(data.s.replace('a', '{},')).size()", large, MEMORY, "json.parse"),
                new Attack("json.parse('[' + data.s.replace('a', '[],[],') + '1]').size()", large, MEMORY),
                new Attack("data.n.map(x, lists.range(1000000)).flatten().size()", large, MEMORY),
                new Attack("'a'.matches('(((a{1000}){1000}){1000})') ? 1 : 2", large, "the pattern is too large"),
                new Attack("regex.replace('a', '(((a{1000}){1000}){1000})', '')", large, "regex_replaceAll"),
                new Attack("'a'.matches(data.s.replace('a', '(')) ? 1 : 2", large, "the pattern is too large"),
                new Attack("'a'.matches(data.t) ? 1 : 2", large, "the pattern is too large"));
    }

    private static List<Attack> writing() {
        var large = "{\"n\": " + numbers(0, 200_000) + ", \"t\": \"" + "a".repeat(2_000_000) + "\"}";
        return List.of(
                new Attack("lists.range(500000)", large, OUTPUT),
                new Attack("data", large, OUTPUT),
                new Attack("data.t", large, OUTPUT),
                new Attack("data.t + '!'", large, OUTPUT),
                new Attack("data.n.map(x, {'number': x, 'again': x})", large, OUTPUT, MEMORY),
                new Attack("data.n.map(x, data.n)", large, OUTPUT, MEMORY),
                new Attack("json.encode(data.n.map(x, [x, x, x]))", large, OUTPUT, MEMORY),
                new Attack("json.encode(data.t)", large, OUTPUT));
    }

    @ParameterizedTest(name = "{1}, compiled: {0}")
    @MethodSource("attacks")
    void everyAttackEndsInTimeWithinMemoryAndWithItsError(boolean compiled, Attack attack) throws Exception {
        // What attacks the memory must not be stopped for the time it takes.
        var builder = builder(compiled, List.of(attack.errors()).contains(TIME) ? LIMITS : Limits.DEFAULT);
        var attacking = builder.value("it", attack.expression());
        var simple = builder.condition("simple", "data.ok + 1 == 42");
        var set = builder.build();
        var event = TransformTest.event(attack.document());

        long allocated = allocated();
        long start = System.nanoTime();
        try (var evaluated = set.over(event)) {
            assertThatThrownBy(() -> evaluated.json(attacking))
                    .isInstanceOf(TransformException.class)
                    .message()
                    .satisfies(message ->
                            assertThat(attack.errors()).as(shortened(message)).anyMatch(message::contains));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(DEADLINE_SECONDS));
        assertThat(allocated() - allocated).as("bytes allocated").isLessThan(MOST_ALLOCATED);
        try (var evaluated = set.over(HARMLESS)) {
            assertThat(evaluated.test(simple)).isTrue();
        }
    }

    /** Looking for {@code (x+x+)+y} in a text without y takes exponential time where it is done by trying. */
    @Test
    void patternsThatInviteBacktrackingDoNot() throws Exception {
        var text = "x".repeat(5_000);
        for (boolean compiled : List.of(true, false)) {
            for (var expression : List.of(
                    "data.s.matches('(x+x+)+y') ? 'yes' : 'no'",
                    "data.s.matches('^(([a-z])+.)+[A-Z]([a-z])+$') ? 'yes' : 'no'",
                    "data.s.matches('(x|xx|x*)*y') ? 'yes' : 'no'",
                    "regex.extract(data.s, '(x+x+)+y').orValue('no')",
                    "regex.replace(data.s, '(x+x+)+y', '') == data.s ? 'no' : 'yes'",
                    "regex.extractAll('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '(x+x+)+y') == [] ? 'no' : 'yes'")) {
                assertThat(evaluate(builder(compiled, Limits.DEFAULT), expression, "{\"s\": \"" + text + "\"}"))
                        .as(expression)
                        .isEqualTo("\"no\"");
            }
        }
    }

    /** Being stopped is no value: neither filtered nor let through by the other side of an {@code ||}. */
    @Test
    void aConditionThatRunsOutOfTimeIsAnError() throws Exception {
        var event = TransformTest.event("{\"n\": " + numbers(0, 3_000) + "}");
        for (boolean compiled : List.of(true, false)) {
            var builder = builder(compiled);
            var condition =
                    builder.condition("where", "data.n.exists(a, data.n.exists(b, data.n.exists(c, c < 0))) || true");
            var elements = builder.elements("emit", "data.n.filter(a, data.n.exists(b, data.n.exists(c, c < 0)))");
            var value = builder.object(
                    "cloudevents.subject",
                    "data.n.exists(a, data.n.exists(b, data.n.exists(c, c < 0))) ? 'a' : 'b'",
                    ExpressionKind.VALUE);
            var set = builder.build();
            try (var evaluated = set.over(event)) {
                assertThatThrownBy(() -> evaluated.test(condition)).hasMessage("where: " + TIME);
                assertThatThrownBy(() -> evaluated.elements(elements)).hasMessage("emit: " + TIME);
                assertThatThrownBy(() -> evaluated.value(value)).hasMessage("cloudevents.subject: " + TIME);
            }
        }
        var condition = Condition.compile("lists.range(2000000000).size() > 0 || true", List.of("code"));
        assertThatThrownBy(() -> condition.test(Map.of("code", "503"))).hasMessage(MEMORY);
    }

    @Test
    void anEventDoesNotBecomeMoreEventsThanMemoryHolds() throws Exception {
        for (boolean compiled : List.of(true, false)) {
            var builder = builder(compiled, Limits.DEFAULT);
            var elements = builder.elements("emit", "data.n");
            var made = builder.elements("emit", "lists.range(size(data.n))");
            var set = builder.build();
            try (var evaluated = set.over(TransformTest.event("{\"n\": " + "[1" + ",1".repeat(200_000) + "]}"))) {
                assertThatThrownBy(() -> evaluated.elements(elements)).hasMessage("emit: " + MEMORY);
                assertThatThrownBy(() -> evaluated.elements(made)).hasMessageStartingWith("emit: ");
            }
            try (var evaluated = set.over(TransformTest.event("{\"n\": " + numbers(0, 10_000) + "}"))) {
                assertThat(evaluated.elements(elements)).hasSize(10_000);
                assertThat(evaluated.elements(made)).hasSize(10_000);
            }
        }
    }

    /** A bound must not be in the way of a large document that is only looked at. */
    @Test
    void muchThatIsHarmlessIsEvaluated() throws Exception {
        var million = "{\"n\": " + numbers(0, 1_000_000) + "}";
        var members = "{\"o\": {"
                + IntStream.range(0, 200_000)
                        .mapToObj(i -> "\"member" + i + "\": " + i)
                        .collect(Collectors.joining(", "))
                + "}}";
        var text = "{\"s\": \"" + "é".repeat(5_000_000) + "\"}";
        var twice = "{" + "\"a\": 1, ".repeat(10_000) + "\"a\": 2, " + "\"b\": 0, ".repeat(10_000) + "\"b\": 3}";
        for (boolean compiled : List.of(true, false)) {
            var builder = builder(compiled, Limits.DEFAULT.withTimeout(Duration.ofSeconds(60)));
            assertThat(evaluate(builder, "data.n.size() + data.n[999999]", million))
                    .isEqualTo("1999999");
            builder = builder(compiled, Limits.DEFAULT.withTimeout(Duration.ofSeconds(60)));
            assertThat(evaluate(builder, "data.n.exists(x, x == 999999) ? data.n.filter(x, x < 3) : []", million))
                    .isEqualTo("[0,1,2]");
            builder = builder(compiled, Limits.DEFAULT.withTimeout(Duration.ofSeconds(60)));
            assertThat(evaluate(builder, "data.o.member199999 + size(data.o)", members))
                    .isEqualTo("399999");
            builder = builder(compiled, Limits.DEFAULT.withTimeout(Duration.ofSeconds(60)));
            assertThat(evaluate(builder, "size(data.s) + (data.s.endsWith('é') ? 1 : 0)", text))
                    .isEqualTo("5000001");
            builder = builder(compiled, Limits.DEFAULT);
            assertThat(evaluate(builder, "[data.a, data.b]", twice)).isEqualTo("[2,3]");
        }
    }

    // ---- expressions that attack whoever checks and compiles them
    // ------------------------------------------------------

    static Stream<String> shapes() {
        int n = 10_000;
        return Stream.of(
                "(".repeat(n) + "1" + ")".repeat(n),
                "[".repeat(n) + "1" + "]".repeat(n),
                "[1]" + ".map(x, x)".repeat(n / 2),
                "[1].map(x, ".repeat(200) + "1" + ")".repeat(200),
                "[1].map(x, ".repeat(n / 2) + "1" + ")".repeat(n / 2),
                "{'a': ".repeat(n) + "1" + "}".repeat(n),
                "data.a == 2 ? 1 : ".repeat(n / 2) + "1",
                "true ? (".repeat(n / 2) + "1" + ") : 2".repeat(n / 2),
                "1" + " + 1".repeat(n),
                "data.a" + " + data.a".repeat(n),
                "'a'" + " + 'b'".repeat(n),
                "data" + ".a".repeat(n),
                "data" + ".a".repeat(n) + " + 1",
                "data" + " . a".repeat(n) + " + 1",
                "data" + ".?a".repeat(n),
                "has(data" + ".a".repeat(n) + ")",
                "a" + ".a".repeat(n),
                "data" + "[0]".repeat(n),
                "data" + "['a']".repeat(n),
                "'a'" + ".trim()".repeat(n),
                "string(".repeat(n) + "1" + ")".repeat(n),
                "!".repeat(n) + "true",
                "-".repeat(n) + "1",
                "-(".repeat(n) + "data.a" + ")".repeat(n),
                "data.a == 1" + " && data.a == 1".repeat(1_000),
                "data.a == 1" + " || data.b == 1 && data.a == 2".repeat(500),
                "[data.a" + ", data.a".repeat(n) + "]",
                "{"
                        + IntStream.range(0, n / 2)
                                .mapToObj(i -> "'k" + i + "':data.a")
                                .collect(Collectors.joining(","))
                        + "}",
                "data.a in [1" + ", 1".repeat(n) + "]",
                "(".repeat(99_999),
                "[".repeat(99_999),
                "{".repeat(99_999),
                "\"".repeat(99_999),
                "'''".repeat(33_333),
                "a".repeat(99_999),
                "a-".repeat(49_999) + "a",
                "a.".repeat(49_999) + "a",
                "9".repeat(99_999),
                "1e" + "9".repeat(1_000),
                "0x" + "f".repeat(1_000),
                "\\".repeat(20_000),
                "\u0000".repeat(20_000),
                "😀".repeat(20_000),
                "(*&^%$#@!".repeat(10_000),
                "1".repeat(200_000));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void everyShapeIsEvaluatedOrRefused(String expression) {
        for (var kind : List.of(ExpressionKind.VALUE, ExpressionKind.ofAttribute("subject"))) {
            long start = System.nanoTime();
            var answers = new HashSet<String>();
            for (boolean compiled : List.of(true, false)) {
                try {
                    var builder = builder(compiled, Limits.DEFAULT);
                    var handle = builder.object("it", expression, kind);
                    try (var evaluated = builder.build().over(TransformTest.event("{\"a\": 1}"))) {
                        answers.add(String.valueOf(evaluated.value(handle)));
                    }
                } catch (InvalidExpressionException e) {
                    assertThat(e.problems()).isNotEmpty();
                    answers.add(e.getMessage());
                } catch (TransformException e) {
                    answers.add("failed: " + e.getMessage());
                }
            }
            assertThat(answers).as(shortened(expression)).hasSize(1);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(DEADLINE_SECONDS));
        }
    }

    // ---- documents
    // -----------------------------------------------------------------------------------------------------

    private record Document(String name, byte[] bytes, boolean valid) {
        Document(String name, String text, boolean valid) {
            this(name, text.getBytes(UTF_8), valid);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Document> documents() {
        var documents = new ArrayList<Document>();
        for (int depth : List.of(1, 255, 256, 257, 1_000, 100_000)) {
            boolean valid = depth <= 256;
            documents.add(new Document(depth + " arrays", "[".repeat(depth) + "]".repeat(depth), valid));
            documents.add(new Document(depth + " arrays, open", "[".repeat(depth), false));
            documents.add(new Document(depth + " closed arrays", "]".repeat(depth), false));
            documents.add(new Document(depth + " objects", "{\"a\":".repeat(depth) + "1" + "}".repeat(depth), valid));
            documents.add(new Document(depth + " objects, open", "{\"a\":".repeat(depth), false));
            documents.add(new Document(
                    depth + " of both",
                    "[{\"a\":".repeat(depth / 2)
                            + "[".repeat(depth % 2)
                            + "]".repeat(depth % 2)
                            + (depth % 2 == 0 ? "1" : "")
                            + "}]".repeat(depth / 2),
                    valid));
        }
        var digits = "1234567890".repeat(10_000);
        for (var number : List.of(
                digits,
                "-" + digits,
                "0." + digits,
                digits + "." + digits,
                digits + "e5",
                "1e999999999",
                "1e-999999999",
                "-1e999999999",
                "1e" + digits,
                "1E-" + digits,
                "0e" + digits,
                "0." + "0".repeat(100_000) + "1e100001")) {
            documents.add(new Document("number " + shortened(number), number, true));
            documents.add(new Document("member " + shortened(number), "{\"a\": " + number + "}", true));
        }
        for (var number : List.of(
                "0" + digits, "-", "1.", "1e", "1e+", ".5", "+1", "NaN", "Infinity", "0x10", "1_000", "01", "--1")) {
            documents.add(new Document("number " + shortened(number), number, false));
        }
        for (var escape : List.of(
                "\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud83d\\ud83d\\ude00", "\\u0000", "\\uFFFF", "\\ufeff")) {
            documents.add(new Document("escape " + escape, "\"" + escape + "\"", true));
            documents.add(new Document("name " + escape, "{\"" + escape + "\": 1, \"a\": \"" + escape + "\"}", true));
        }
        for (var escape :
                List.of("\\u", "\\u12", "\\u12G4", "\\x41", "\\", "\\U0041", "\n", "\u0000", "\u001f", "\t")) {
            documents.add(new Document("escape " + shortened(escape), "\"" + escape + "\"", false));
        }
        for (var sequence : List.of(
                "80",
                "bf",
                "c0 80",
                "c1 bf",
                "e0 80 80",
                "e0 9f bf",
                "f0 80 80 80",
                "f0 8f bf bf",
                "ed a0 80",
                "ed bf bf",
                "ed a0 bd ed b8 80",
                "f4 90 80 80",
                "f5 80 80 80",
                "f8 88 80 80 80",
                "fc 84 80 80 80 80",
                "fe",
                "ff",
                "c3",
                "e2 82",
                "f0 9f 98",
                "c3 28",
                "e2 28 a1",
                "f0 28 8c bc")) {
            documents.add(new Document("bytes " + sequence, bytes("\"", sequence, "\""), false));
            documents.add(new Document("bytes in a name " + sequence, bytes("{\"", sequence, "\": 1}"), false));
            documents.add(
                    new Document("bytes after eight " + sequence, bytes("\"12345678", sequence, "12345678\""), false));
            documents.add(new Document("bytes alone " + sequence, bytes("", sequence, ""), false));
        }
        documents.add(new Document("byte order mark", bytes("", "ef bb bf", "{}"), false));
        documents.add(new Document("UTF-16", "{\"a\": 1}".getBytes(java.nio.charset.StandardCharsets.UTF_16), false));
        documents.add(new Document("UTF-32", "{\"a\": 1}".getBytes(java.nio.charset.Charset.forName("UTF-32")), false));
        documents.add(new Document("zeros", new byte[10_000], false));
        for (var after : List.of("\u0000", "x", "{}", ",", "]", "}", "//", "/**/", "\u00a0", "\u2028", "\"")) {
            documents.add(new Document("trailing " + shortened(after), "{\"a\": 1}" + after, false));
            documents.add(new Document("leading " + shortened(after), after + "{\"a\": 1}", false));
        }
        for (var text : List.of(
                "{\"a\" 1}",
                "{\"a\": 1,}",
                "[1,]",
                "[1 2]",
                "{a: 1}",
                "{'a': 1}",
                "{\"a\": }",
                "{: 1}",
                "{1: 1}",
                "[,]",
                "{,}",
                "tru",
                "nulll",
                "True",
                "[1}",
                "{\"a\": 1]",
                "\"",
                "{\"",
                "{\"a",
                "{\"a\"",
                "{\"a\":",
                "[\"a\",",
                "\"a",
                "\"\\")) {
            documents.add(new Document("broken " + text, text, false));
        }
        var whole = "{\"a\": [1.5e3, \"\\u00e9é😀\", true, null, {\"b\": false}]}".getBytes(UTF_8);
        for (int length = 1; length < whole.length; length++) {
            documents.add(new Document("cut at " + length, Arrays.copyOf(whole, length), false));
        }
        documents.add(new Document("whole", whole, true));
        documents.add(new Document("empty", "", true));
        documents.add(new Document("white space", " \n\t\r".repeat(250_000), true));
        documents.add(new Document(
                "white space between", "[" + " ".repeat(1_000_000) + "1" + "\n".repeat(1_000_000) + "]", true));
        documents.add(new Document("ten megabytes", "\"" + "a".repeat(10_000_000) + "\"", true));
        documents.add(new Document("ten megabytes of escapes", "\"" + "\\u00e9".repeat(1_600_000) + "\"", true));
        documents.add(new Document("a long name", "{\"" + "a".repeat(10_000_000) + "\": 1}", true));
        documents.add(new Document("a million numbers", numbers(0, 1_000_000), true));
        documents.add(new Document("a million empty objects", "[{}" + ",{}".repeat(1_000_000) + "]", true));
        documents.add(new Document("the same name", "{\"a\": 1" + ", \"a\": [2]".repeat(100_000) + "}", true));
        documents.add(new Document(
                "colliding names",
                "{" + collidingTexts(16).replaceAll("[\\[\\]]", "").replace(",", ":1,") + ":1}",
                true));
        return documents.stream();
    }

    /** Both engines say the same of it; it is refused if it is not JSON, whatever looks at it; the next event is none the worse. */
    @ParameterizedTest
    @MethodSource("documents")
    void everyDocumentIsReadOrRefused(Document document) throws Exception {
        var event = TransformTest.event(document.bytes());
        var expressions = List.of(
                "data",
                "has(data.a) ? [data.a] : []",
                "type(data) == list ? size(data) : -1",
                "1",
                "[data]",
                "{'x': data}");
        // A few suffice for those that take their time.
        for (var expression : expressions.subList(0, document.bytes().length > 1_000_000 ? 3 : expressions.size())) {
            var answers = new ArrayList<String>();
            for (boolean compiled : List.of(true, false)) {
                var builder = builder(compiled, new Limits(Duration.ofSeconds(60), 64 << 20, 256));
                var handle = builder.value("it", expression);
                var set = builder.build();
                long start = System.nanoTime();
                try (var evaluated = set.over(event)) {
                    assertThat(document.valid())
                            .as("%s is read by %s", document, expression)
                            .isTrue();
                    answers.add(new String(evaluated.json(handle), UTF_8));
                } catch (TransformException e) {
                    if (!document.valid()) {
                        assertThat(e)
                                .hasMessageContaining("the payload is not JSON")
                                .hasMessageContaining("line ");
                    }
                    answers.add(shortened(String.valueOf(e.getMessage())));
                }
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .isLessThan(Duration.ofSeconds(DEADLINE_SECONDS));
                try (var evaluated = set.over(TransformTest.event("{\"a\": 5}"))) {
                    assertThat(new String(evaluated.json(handle), UTF_8))
                            .isIn("{\"a\":5}", "1", "[5]", "[{\"a\":5}]", "{\"x\":{\"a\":5}}", "-1");
                }
            }
            assertThat(answers.get(0).equals(answers.get(1)))
                    .as(
                            "%s of %s: %s",
                            expression,
                            document,
                            answers.stream().map(HostileTest::shortened).toList())
                    .isTrue();
        }
    }

    // ---- what they are made of
    // -----------------------------------------------------------------------------------------

    private static ExpressionSet.Builder builder(boolean compiled) {
        return builder(compiled, LIMITS);
    }

    private static ExpressionSet.Builder builder(boolean compiled, Limits limits) {
        var builder = ExpressionSet.builder(limits);
        return compiled ? builder : builder.interpretedOnly();
    }

    private static String evaluate(ExpressionSet.Builder builder, String expression, String document) throws Exception {
        var handle = builder.value("it", expression);
        try (var evaluated = builder.build().over(TransformTest.event(document))) {
            return new String(evaluated.json(handle), UTF_8);
        }
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static String numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }

    /** All of them have the same hash code. */
    private static String collidingTexts(int pairs) {
        return IntStream.range(0, 1 << pairs)
                .mapToObj(i -> IntStream.range(0, pairs)
                        .mapToObj(bit -> (i >> bit & 1) == 0 ? "Aa" : "BB")
                        .collect(Collectors.joining("", "\"", "\"")))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static byte[] bytes(String before, String hexadecimal, String after) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(before.getBytes(UTF_8));
        Stream.of(hexadecimal.split(" ")).forEach(octet -> out.write(Integer.parseInt(octet, 16)));
        out.writeBytes(after.getBytes(UTF_8));
        return out.toByteArray();
    }

    private static String shortened(String text) {
        var plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() <= 60 ? plain : plain.substring(0, 60) + "… (" + plain.length() + ")";
    }
}
