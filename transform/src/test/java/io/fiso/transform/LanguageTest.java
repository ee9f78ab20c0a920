// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The functions there are, how numbers mix, and what is said of mistakes. Everything is evaluated both ways. */
class LanguageTest {
    private static final InstantSource CLOCK = () -> Instant.parse("2026-05-05T05:05:05Z");

    private static final String ORDER = """
            {"id": "A-1", "price": 10.5, "quantity": 3, "exact": 12.50, "large": 9007199254740993, "text": "no json", "word": "x",
             "inner": "{\\"a\\": [1, 2.50], \\"b\\": 1.10}", "bad": "{\\"a\\": 01}", "when": "2026-01-02T00:00:00Z", "items": [{"q": 2}, {"q": 3}]}""";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "now()                                       | \"2026-05-05T05:05:05Z\"",
                "now() - timestamp('2026-05-05T05:05:00Z')   | \"5s\"",
                "json.parse(data.inner)                      | {\"a\":[1,2.50],\"b\":1.10}",
                "json.parse(data.inner).b                    | 1.10",
                "json.parse(data.inner).b * 2                | 2.2",
                "json.parse(b'[1.50, null]')                 | [1.50,null]",
                "json.encode(data.items)                     | \"[{\\\"q\\\":2},{\\\"q\\\":3}]\"",
                "json.encode([data.exact, data.exact * 2])   | \"[12.50,25]\"",
                "json.parse(json.encode(data.exact))         | 12.50",
                "hash.sha256('abc') | \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"",
                "hash.sha256(b'abc') | \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"",
                "regex.extract('order-42', '[0-9]+').orValue('') | \"42\"",
                "regex.replace('a1b2', '[0-9]', '#')         | \"a#b#\"",
                "sets.contains([1, 2, 3], [2])               | true",
                "base64.decode('aGk=') == b'hi'              | true",
                "timestamp(data.when) + duration('24h')      | \"2026-01-03T00:00:00Z\"",
                "data.quantity % 2                           | 1",
                "1 / 2                                       | 0",
                "1 / 2.0                                     | 0.5",
                "data.quantity < data.price                  | true",
                "data.quantity in [1, 3.0]                   | true",
                "math.ceil(data.quantity)                    | 3",
                "math.ceil(data.price)                       | 11",
                "math.round(data.large)                      | 9007199254740993",
                "math.trunc(-7)                              | -7",
                "math.greatest(data.quantity, data.price)    | 10.5",
                "math.least(1, 2.5)                          | 1",
                "math.abs(data.quantity - data.price)        | 7.5",
                "math.isNaN(data.quantity)                   | false",
                "[1, 2.5, 2].sort()                          | [1,2,2.5]",
                "ext.?none.orValue('x')                      | \"x\"",
                "type(data.quantity)                         | \"int\"",
                "has(ext.none)                               | false",
            })
    void givesWhatTheDocumentationSays(String expression, String expected) throws Exception {
        assertThat(evaluate(expression)).isEqualTo("{\"f\":" + expected + "}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "json.parse(data.text)      | json.parse: the text is not JSON (line 1, column 1)",
                "json.parse(data.bad)       | json.parse: the text is not JSON (line 1, column 8)",
                "json.parse('')             | json.parse: the text is not JSON: it is empty",
                "json.encode(data.price / 0) | json.encode: the result Infinity is no number JSON can carry",
                "ext.partitonkey            | the event has no attribute \"partitonkey\"; did you mean ext.partitionkey?",
                "ext.partitonkey + 'x'      | the event has no attribute \"partitonkey\"; did you mean ext.partitionkey?",
                "ext['unheardof']           | the event has no attribute \"unheardof\"; has(ext.unheardof) tells",
                "data.absent + 1            | there is no \"absent\"; has(...) tells, and .? goes around it",
                "data.text + 1              | \"+\" does not take values of these types",
                "data.price % 2             | \"%\" does not take values of these types",
                "data.large * data.large    | long overflow",
                "9223372036854775807 + 1    | long overflow",
                "int(data.text)             | the text is no number",
                "timestamp(data.text)       | the text is no timestamp",
                "base64.decode(data.text)   | \"base64.decode\" cannot do anything with what it was given",
            })
    void saysWhyAnEvaluationFailedWithoutShowingThePayload(String expression, String message) {
        assertThatThrownBy(() -> evaluate(expression))
                .isInstanceOf(TransformException.class)
                .hasMessageStartingWith("field \"f\": " + message)
                .message()
                .doesNotContain("no json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "data.text.length()     | cel.undeclared_reference | 11 | size",
                "data.text.toLowerCase() | cel.undeclared_reference | 11 | lowerAscii",
                "data.text.lowerAsci()  | cel.undeclared_reference | 11 | lowerAscii",
                "1 + math.max(1, 2)     | cel.undeclared_reference | 5  | math.greatest",
                "hash.sha265('x')       | cel.undeclared_reference | 1  | hash.sha256",
                "json.pars('x')         | cel.undeclared_reference | 1  | json.parse",
                "uuid                   | cel.undeclared_reference | 1  | uuid()",
                "now + duration('1s')   | cel.undeclared_reference | 1  | now()",
                "now(1)                 | cel.no_matching_overload | 1  | -",
                "uuid(1)                | cel.no_matching_overload | 5  | -",
                "'a' + 1                | cel.no_matching_overload | 5  | -",
                "1 +                    | cel.syntax               | 4  | -",
                "data.items.map(i, uuid()) | cel.same_uuid         | 19 | -",
                "data.items.all(i, uuid('x') == i.id) | cel.same_uuid | 19 | -",
            })
    void helpsWithMistakes(String expression, String code, int column, @Nullable String suggestion) {
        var problems = Expression.check(expression, ExpressionKind.VALUE);
        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst().code()).isEqualTo(code);
        assertThat(problems.getFirst().column()).isEqualTo(column);
        assertThat(problems.getFirst().suggestion()).isEqualTo(Optional.ofNullable(suggestion));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "CONDITION | type                 | cel.type              | 1",
                "CONDITION | 1 + 1                | cel.type              | 1",
                "LIST      | 'x'                  | cel.type              | 1",
                "TEXT      | data.a + 1           |                       | 0",
                "TEXT      | order.created        | cel.unquoted_text     | 1",
                "IDENTITY  | https://shop.example/orders | cel.unquoted_text | 1",
                "IDENTITY  | 'a' + string(now())  | cel.changing_identity | 14",
                "IDENTITY  | uuid()               |                       | 0",
                "IDENTITY  | 7                    | cel.type              | 1",
                "ATTRIBUTE | 1.5                  | cel.type              | 1",
                "ATTRIBUTE | now()                |                       | 0",
                "TIME      | now()                |                       | 0",
                "TEXT      | now()                | cel.type              | 1",
                "TEXT      | null                 |                       | 0",
            })
    void knowsWhatAnExpressionIsFor(ExpressionKind kind, String expression, @Nullable String code, int column) {
        var problems = Expression.check(expression, kind);
        assertThat(problems).extracting(ExpressionProblem::code).isEqualTo(code == null ? List.of() : List.of(code));
        problems.forEach(problem -> assertThat(problem.column()).isEqualTo(column));
    }

    @Test
    void aWordThatIsNoVariableIsProbablyATextWithoutQuotes() {
        assertThat(Expression.check(" order.created", ExpressionKind.IDENTITY)
                        .getFirst()
                        .toString())
                .isEqualTo(
                        "1:2: \"order.created\" is read as an expression, and there is no such variable; a text has quotes of its own; did you mean '\"order.created\"'?");
    }

    @Test
    void uuidsComeFromTheEventAndThePlaceAndTheName() throws Exception {
        var fields = new LinkedHashMap<String, String>();
        fields.put("a", "[uuid(), uuid()]");
        fields.put("b", "uuid()");
        fields.put("c", "data.items.map(id, uuid(string(id.q)))");
        var first = apply(fields);

        assertThat(apply(fields)).isEqualTo(first);
        assertThat(first.split("\""))
                .filteredOn(part -> part.length() == 36)
                .doesNotHaveDuplicates()
                .hasSize(5)
                .allSatisfy(text -> assertThat(UUID.fromString(text).version()).isEqualTo(8));
        // What replays rely on: it must never change.
        assertThat(OwnFunctions.uuid("fiso-flow/orders", "e-1", "fields.b/0", ""))
                .isEqualTo("8e99f288-28b1-8c24-99de-fbfd6d502e2a");
        assertThat(first).contains("\"b\":\"8e99f288-28b1-8c24-99de-fbfd6d502e2a\"");
    }

    @Test
    void nowIsReadOncePerEvent() throws Exception {
        var ticks = new AtomicInteger();
        var builder = ExpressionSet.builder(Limits.DEFAULT, () -> Instant.ofEpochSecond(ticks.getAndIncrement()));
        var object = builder.object(Map.of("a", "now()", "b", "string(now()) + optional.of('').value()"));
        var set = builder.build();
        for (int i = 0; i < 2; i++) {
            try (var evaluated = set.over(TransformTest.event("{}"))) {
                assertThat(new String(evaluated.json(object), UTF_8))
                        .contains("\"a\":\"1970-01-01T00:00:0" + i + "Z\"")
                        .contains("\"b\":\"1970-01-01T00:00:0" + i + "Z\"");
            }
        }
        assertThat(ticks).hasValue(2);
    }

    private static String evaluate(String expression) throws Exception {
        return apply(Map.of("f", expression));
    }

    /** Compiled, once it is sure that the interpreter gives the same. */
    private static String apply(Map<String, String> fields) throws Exception {
        var compiled = ExpressionSet.builder(Limits.DEFAULT, CLOCK);
        var interpreted = ExpressionSet.builder(Limits.DEFAULT, CLOCK).interpretedOnly();
        var result = run(compiled, fields);
        assertThat(run(interpreted, fields)).isEqualTo(result);
        if (result.startsWith("failed: ")) {
            throw new TransformException(result.substring("failed: ".length()));
        }
        return result;
    }

    private static String run(ExpressionSet.Builder builder, Map<String, String> fields) throws Exception {
        var object = builder.object(fields);
        try (var evaluated = builder.build().over(TransformTest.event(ORDER))) {
            return new String(evaluated.json(object), UTF_8);
        } catch (TransformException e) {
            return "failed: " + e.getMessage();
        }
    }
}
