// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransformTest {
    private static final String ORDER = """
            {"legacy_id": "A-1", "price": 10.5, "quantity": 3, "exact": 12.50, "large": 9007199254740993, "huge": 123456789012345678901234567890,
             "million": 1000000, "tags": [], "nested": {"deep": {"x": 1}}, "nothing": null, "items": [{"p": 1.10, "q": 2}, {"p": 2, "q": 3}],
             "text": "caf\\u00e9 \\"q\\"", "tiny": 1e-7}""";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "data.price * data.quantity          | 31.5",
                "data.price * 2                      | 21",
                "2 * data.price                      | 21",
                "10.5 * 3                            | 31.5",
                "data.quantity + 0.5                 | 3.5",
                "data.quantity - 0.5                 | 2.5",
                "data.price / data.quantity          | 3.5",
                "data.quantity * 2                   | 6",
                "data.quantity / 2                   | 1",
                "data.exact                          | 12.50",
                "[data.exact, data.exact * 2]        | [12.50,25]",
                "data.large                          | 9007199254740993",
                "data.large + 1                      | 9007199254740994",
                "data.huge                           | 123456789012345678901234567890",
                "data.million * 1.0                  | 1000000",
                "data.million * 1000000.5            | 1000000500000",
                "data.tiny                           | 1e-7",
                "data.tags                           | []",
                "data.nested                         | {\"deep\":{\"x\":1}}",
                "data.nested.deep.x                  | 1",
                "data['nested'].deep['x']            | 1",
                "data.nothing                        | null",
                "data.nothing == null                | true",
                "has(data.absent)                    | false",
                "has(data.nested.deep)               | true",
                "has(data.absent) ? data.absent : 'none' | \"none\"",
                "data.price > 10                     | true",
                "data.quantity == 3.0                | true",
                "data.quantity > 2 && data.price < 11.0 ? 'many' : 'few' | \"many\"",
                "data.text                           | \"café \\\"q\\\"\"",
                "data.items.map(i, i.p * i.q)        | [2.2,6]",
                "data.items.filter(i, i.q > 2)       | [{\"p\":2,\"q\":3}]",
                "data.items[0].p                     | 1.10",
                "data.items.exists(i, i.q == 3)      | true",
                "size(data.items)                    | 2",
                "{'b': 1, 'a': [data.price]}         | {\"b\":1,\"a\":[10.5]}",
                "data.legacy_id.lowerAscii()         | \"a-1\"",
                "data.legacy_id.split('-')           | [\"A\",\"1\"]",
                "math.greatest(data.quantity, 7)     | 7",
                "base64.encode(b'hi')                | \"aGk=\"",
                "[3,1,2].sort()                      | [1,2,3]",
                "data.?absent.orValue('x')           | \"x\"",
                "string(data.quantity) + type        | \"3order.create\"",
                "time                                | \"2026-01-02T03:04:05.60Z\"",
                "time.getFullYear()                  | 2026",
                "timestamp(time) == time             | true",
                "subject == null                     | true",
                "id                                  | \"e-1\"",
                "ext.partitionkey                    | \"k\"",
                "correlationid                       | \"c-1\"",
                "true                                | true",
                "\"true\"                            | \"true\"",
                "5                                   | 5",
                "1.5                                 | 1.5",
                "5u                                  | 5",
                "duration('90s')                     | \"90s\"",
            })
    void expressionsGiveWhatAReaderOfJsonExpects(String expression, String expected) throws Exception {
        var result = Expression.compile(expression, Limits.DEFAULT).evaluate(event(ORDER));
        assertThat(new String(result, UTF_8)).isEqualTo(expected);
    }

    @Test
    void keepsTheOrderOfItsFields() throws Exception {
        var fields = new LinkedHashMap<String, String>();
        fields.put("z", "data.quantity");
        fields.put("a", "data.price * data.quantity");
        fields.put("m", "optional.none()");
        fields.put("k", "data.tags");
        assertThat(apply(fields, ORDER)).isEqualTo("{\"z\":3,\"a\":31.5,\"k\":[]}");
    }

    @ParameterizedTest
    @CsvSource({
        "data.raw",
        "'[data.raw][0]'",
        "'{''x'': data.raw}.x'",
        "'data.list.filter(e, e.n > 1)[0]'",
        "'true ? data.raw : null'"
    })
    void whatIsOnlyCopiedLeavesAsItCame(String expression) throws Exception {
        var tree = "{ \"t\" : \"caf\\u00e9 \\/ \" , \"n\": 1.0E2, \"m\":[1.10, -0, 1e400], \"d\":1, \"d\":2 }";
        assertThat(apply(Map.of("f", expression), "{\"raw\":" + tree + ", \"list\":[" + tree + "]}"))
                .isEqualTo("{\"f\":{\"t\":\"caf\\u00e9 \\/ \",\"n\":1.0E2,\"m\":[1.10,-0,1e400],\"d\":1,\"d\":2}}");
    }

    @Test
    void refusesHalfACharacter() {
        assertThatThrownBy(() -> apply(Map.of("f", "data.t"), "{\"t\": \"\\ud800\"}"))
                .isInstanceOf(TransformException.class)
                .hasMessage("field \"f\": a text holds half of a surrogate pair, which UTF-8 cannot carry");
    }

    @Test
    void boundsTheDepthOfTheOutput() throws Exception {
        var deepest = "[".repeat(255) + "]".repeat(255);
        assertThat(apply(Map.of("f", "data"), deepest)).isEqualTo("{\"f\":" + deepest + "}");
        for (var expression : new String[] {"data", "[data[0]]"}) {
            assertThatThrownBy(() -> apply(Map.of("f", expression), "[" + deepest + "]"))
                    .isInstanceOf(TransformException.class)
                    .hasMessage("field \"f\": the output nests deeper than 256");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "data.absent              | field \"f\": \"data.absent\": the payload has no \"absent\"",
                "data.absent + 1          | absent",
                "data.legacy_id.x         | there is no \"x\" in a value that is no object",
                "data.nothing.x           | there is no \"x\" in null",
                "1 / data.zero            | zero",
                "data.large * data.large  | overflow",
                "data.price / 0           | Infinity is no number JSON can carry",
            })
    void saysWhichFieldFailedAndWhy(String expression, String part) {
        assertThatThrownBy(() -> apply(Map.of("f", expression), ORDER.replace("\"tags\"", "\"zero\": 0, \"tags\"")))
                .isInstanceOf(TransformException.class)
                .hasMessageStartingWith("field \"f\": ")
                .hasMessageContaining(part);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"a\":", "nope", "{} {}", "[1,]", "{\"a\": 01}"})
    void refusesPayloadsThatAreNotJson(String payload) {
        assertThatThrownBy(() -> apply(Map.of("f", "id"), payload))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("not JSON");
    }

    @Test
    void anEmptyPayloadIsNull() throws Exception {
        assertThat(apply(Map.of("f", "data"), "")).isEqualTo("{\"f\":null}");
    }

    @Test
    void boundsTheOutput() throws Exception {
        var transform = Transform.compile(Map.of("f", "data", "g", "data"), Limits.DEFAULT.withMaxOutputBytes(100));
        assertThatThrownBy(() -> transform.apply(event("\"" + "x".repeat(60) + "\"")))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("larger than 100 bytes");
        assertThat(transform.apply(event("\"" + "x".repeat(40) + "\""))).hasSize(95);
    }

    @Test
    void boundsTheDepthOfTheInput() {
        assertThatThrownBy(() -> apply(Map.of("f", "data"), "[".repeat(300) + "]".repeat(300)))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("256");
    }

    @Test
    void boundsTheTime() throws Exception {
        var list = IntStream.range(0, 900).mapToObj(Integer::toString).collect(Collectors.joining(",", "[", "]"));
        var transform = Transform.compile(
                Map.of("f", "data.map(a, data.map(b, a * b)).size()"),
                Limits.DEFAULT.withTimeout(Duration.ofMillis(5)));
        assertThatThrownBy(() -> transform.apply(event(list)))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("took longer than 5 ms");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "legacy_id            | cel.undeclared_reference  | 1 | 1  | data.legacy_id",
                "dat.x                | cel.undeclared_reference  | 1 | 1  | data",
                "1 + dta              | cel.undeclared_reference  | 1 | 5  | data",
                "1 + siz(data)        | cel.undeclared_reference  | 1 | 5  | size",
                "data.a +             | cel.syntax                | 1 | 9  | -",
                "'a' + 1              | cel.no_matching_overload  | 1 | 5  | -",
                "data.a ? 1           | cel.syntax                | 1 | 11 | -",
            })
    void pointsAtMistakes(String expression, String code, int line, int column, @Nullable String suggestion) {
        var problems = Transform.check(Map.of("f", expression));
        assertThat(problems).isNotEmpty();
        var first = problems.getFirst();
        assertThat(first.code()).isEqualTo(code);
        assertThat(first.line()).isEqualTo(line);
        assertThat(first.column()).isEqualTo(column);
        assertThat(first.suggestion()).isEqualTo(Optional.ofNullable(suggestion));
    }

    @Test
    void reportsTheMistakesOfAllFields() {
        assertThat(Transform.check(Map.of("a", "x", "b", "y +", "c", "data.z")))
                .extracting(ExpressionProblem::field)
                .contains("a", "b")
                .doesNotContain("c");
    }

    @Test
    void decides() throws Exception {
        assertThat(Expression.compile("data.quantity > 2", Limits.DEFAULT).test(event(ORDER)))
                .isTrue();
        assertThatThrownBy(() ->
                        Expression.compile("data.quantity", Limits.DEFAULT).test(event(ORDER)))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("true or false");
    }

    /** Both sides of the number up to which elements are kept while the payload is read. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 9, 4095, 4096, 4097, 10_000})
    void loopsOverListsOfAnyLength(int length) throws Exception {
        var fields = ordered(
                "odd",
                "size(data.l.filter(i, i.n % 2 == 1))",
                "last",
                "data.l.exists(i, i.n == size(data.l) - 1 && i.x.y)");
        var elements = IntStream.range(0, length)
                .mapToObj(n -> "{\"n\": " + n + ", \"x\": {\"y\": true}}")
                .collect(Collectors.joining(", ", "[", "]"));

        assertThat(apply(fields, "{\"l\": " + elements + "}"))
                .isEqualTo("{\"odd\":" + length / 2 + ",\"last\":" + (length > 0) + "}");
    }

    @Test
    void loopsOverTheLastOfListsWithTheSameName() throws Exception {
        var fields = ordered("all", "data.o.l.map(i, i.n)", "sum", "data.o.l.map(i, i.n + i.m)");

        assertThat(apply(fields, """
                {"o": {"l": [{"n": 1, "m": 2}, {"n": 3, "m": 4}], "l": [{"n": 5, "m": 6, "n": 7}]}}""")).isEqualTo("{\"all\":[7],\"sum\":[13]}");
        assertThatThrownBy(() -> apply(fields, """
                {"o": {"l": [{"n": 1, "m": 2}], "l": 5}}""")).hasMessageContaining("all");
        assertThatThrownBy(() -> apply(fields, """
                {"o": {"l": [{"n": 1, "m": 2}]}, "o": {}}""")).hasMessageContaining("all");
    }

    @Test
    void anObjectIsWrittenAsAWholeOrFieldByField() throws Exception {
        var fields = ordered("a", "data.a", "b", "data.?b", "c", "data.c + 1");

        assertThat(apply(fields, "{\"a\": 1, \"b\": 2, \"c\": 3}")).isEqualTo("{\"a\":1,\"b\":2,\"c\":4}");
        assertThat(apply(fields, "{\"a\": 1, \"c\": 3}")).isEqualTo("{\"a\":1,\"c\":4}");
        var strict = ordered("a", "data.a", "b", "data.b", "c", "data.c + 1");
        assertThatThrownBy(() -> apply(strict, "{\"a\": 1, \"b\": 2, \"c\": \"x\"}"))
                .hasMessageContaining("field \"c\"");
        // The interpreter adds these, the compiled code does not: the object is written anew.
        assertThat(apply(ordered("a", "data.a", "t", "timestamp(data.t) + duration('1s')"), """
                {"a": 1, "t": "2026-01-02T03:04:05Z"}"""))
                .isEqualTo("{\"a\":1,\"t\":\"2026-01-02T03:04:06Z\"}");
    }

    private static Map<String, String> ordered(String... pairs) {
        var map = new LinkedHashMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private static String apply(Map<String, String> fields, String json) throws Exception {
        return new String(Transform.compile(fields, Limits.DEFAULT).apply(event(json)), UTF_8);
    }

    static EventView event(String json) {
        return event(json.getBytes(UTF_8));
    }

    static EventView event(byte[] bytes) {
        return new EventView() {
            @Override
            public byte[] dataArray() {
                return bytes;
            }

            @Override
            public int dataOffset() {
                return 0;
            }

            @Override
            public int dataLength() {
                return bytes.length;
            }

            @Override
            public String id() {
                return "e-1";
            }

            @Override
            public String source() {
                return "fiso-flow/orders";
            }

            @Override
            public String type() {
                return "order.create";
            }

            @Override
            public @Nullable String subject() {
                return null;
            }

            @Override
            public String time() {
                return "2026-01-02T03:04:05.60Z";
            }

            @Override
            public String correlationId() {
                return "c-1";
            }

            @Override
            public Map<String, ?> extensions() {
                return Map.of("partitionkey", "k");
            }
        };
    }
}
