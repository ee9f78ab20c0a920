// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.schema;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(300)
class DataSchemaTest {
    /** What each row says a violation consists of, behind the common beginning. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'required': ['id']}                                  | {}                    | at '' required: required property 'id' not found, found an object of 0 members",
                "{'properties': {'id': {'type': 'string'}}}            | {'id': 7}             | at '/id' type: must be string, found an integer",
                "{'properties': {'id': {'type': ['string', 'null']}}}  | {'id': [1]}           | at '/id' type: must be string or null, found a list of 1 item",
                "{'properties': {'a/b~c': {'items': {'minimum': 2}}}}  | {'a/b~c': [3, 1.5]}   | at '/a~1b~0c/1' minimum: must have a minimum value of 2, found a number",
                "{'additionalProperties': false}                       | {'odd': 1}            | at '' additionalProperties: property 'odd' is not defined in the schema and the schema does not allow additional properties, found an object of 1 member",
                "{'properties': {'s': {'enum': ['NEW', 'PAID']}}}      | {'s': 'SECRET'}       | at '/s' enum: does not have a value in the enumeration ['NEW', 'PAID'], found a text of 6 characters",
                "{'maxLength': 3}                                      | 'abcd'                | at '' maxLength: must be at most 3 characters long, found a text of 4 characters",
                "{'pattern': '^[0-9]+$'}                               | 'x1'                  | at '' pattern: does not match the regex pattern ^[0-9]+$, found a text of 2 characters",
                "{'anyOf': [{'type': 'string'}, {'minimum': 5}]}       | 3                     | at '' type: must be string, found an integer; at '' minimum: must have a minimum value of 5, found an integer",
                "{'not': {'type': 'null'}}                             | null                  | at '' not: must not be valid to the schema {'type':'null'}, found null",
            })
    void saysWhereWhichKeywordAndWhatWasFound(String schema, String data, String expected) {
        assertThat(violation(schema, data))
                .isEqualTo("the data does not satisfy the schema: " + json(expected, schema));
    }

    @ParameterizedTest
    @CsvSource({
        "date-time, 2026-01-02T03:04:05Z,                     2026-01-02",
        "date,      2026-01-02,                               2026-13-02",
        "time,      03:04:05Z,                                25:00:00Z",
        "duration,  P1DT2H,                                   1 day",
        "email,     a@example.org,                            example.org",
        "hostname,  api.example.org,                          -api-",
        "ipv4,      10.0.0.1,                                 10.0.0.300",
        "ipv6,      ::1,                                      :::1",
        "uri,       https://example.org/a?b#c,                example",
        "uuid,      123e4567-e89b-12d3-a456-426614174000,     123e4567",
        "regex,     ^a+$,                                     (",
        "json-pointer, /a/0,                                  a/0",
    })
    void assertsFormats(String format, String good, String bad) {
        for (String draft : List.of("", "'$schema': 'http://json-schema.org/draft-07/schema#', ")) {
            if (!draft.isEmpty() && List.of("uuid", "duration").contains(format)) {
                continue; // draft 7 has not got them
            }
            String schema = "{" + draft + "'format': '" + format + "'}";
            assertThat(violation(schema, "'" + good + "'")).isNull();
            assertThat(violation(schema, "'" + bad + "'")).contains("at \"\" format: ");
        }
    }

    @Test
    void goesByTheDraftThatTheSchemaNames() {
        String four = "{'$schema': 'http://json-schema.org/draft-04/schema#', 'maximum': 5, 'exclusiveMaximum': true}";
        assertThat(violation(four, "4")).isNull();
        assertThat(violation(four, "5")).contains("maximum");
        String seven = "{'$schema': 'http://json-schema.org/draft-07/schema', 'items': [{'type': 'string'}]}";
        assertThat(violation(seven, "['a', 1]")).isNull();
        assertThat(violation(seven, "[1]")).contains("at \"/0\" type");
        String nineteen =
                "{'$schema': 'https://json-schema.org/draft/2019-09/schema', 'dependentRequired': {'a': ['b']}}";
        assertThat(violation(nineteen, "{'a': 1}")).contains("dependentRequired");
        assertThat(violation("{'prefixItems': [{'type': 'string'}]}", "[1]")).contains("at \"/0\" type");
    }

    @Test
    void followsReferencesWithinTheSchemaAndToDraftsThemselves() {
        String tree = "{'$defs': {'node': {'type': 'object', 'required': ['v'],"
                + " 'properties': {'left': {'$ref': '#/$defs/node'}}}}, '$ref': '#/$defs/node'}";
        assertThat(violation(tree, "{'v': 1, 'left': {'v': 2}}")).isNull();
        assertThat(violation(tree, "{'v': 1, 'left': {'v': 2, 'left': {}}}")).contains("at \"/left/left\" required");
        String schemas = "{'$ref': 'https://json-schema.org/draft/2020-12/schema'}";
        assertThat(violation(schemas, "{'type': 'object'}")).isNull();
        assertThat(violation(schemas, "{'type': 'objekt'}")).contains("at \"/type\"");
    }

    @Test
    void takesNumbersForWhatTheyAre() {
        assertThat(violation("{'multipleOf': 0.01}", "19.99")).isNull();
        assertThat(violation("{'multipleOf': 0.01}", "19.999")).contains("multipleOf");
        assertThat(violation("{'maximum': 9007199254740993}", "9007199254740993.5"))
                .contains("maximum");
        assertThat(violation("{'type': 'integer'}", "1.0")).isNull();
        assertThat(violation("{'const': 1}", "1.0")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                       | there is none",
                "` `                      | there is only white space",
                "hello                    | it breaks at character",
                "{'a': 1                  | it breaks at character",
                "{'a': 1} {}              | a second document follows the first",
                "{'a': 1, 'a': 2}         | an object names a member twice",
                "NaN                      | it breaks at character",
                "'\u0000'                 | it breaks at character",
                "\ufeff{}                 | it breaks at character",
            })
    void dataThatIsNoJsonIsAViolation(String data, String why) {
        assertThat(violation("{}", data)).startsWith("the data is no JSON: ").contains(why);
    }

    @Test
    void textInAnotherEncodingIsNoJson() {
        DataSchema any = DataSchema.compile("{}");
        byte[] latin = {'"', (byte) 0xe4, '"'};
        assertThat(any.violation(latin, 0, latin.length)).isEqualTo("the data is no JSON: it is not text in UTF-8");
        byte[] wide = "{}".getBytes(UTF_16BE);
        assertThat(any.violation(wide, 0, wide.length)).startsWith("the data is no JSON: ");
        byte[] umlaut = "\"größe\"".getBytes(UTF_8);
        assertThat(any.violation(umlaut, 0, umlaut.length)).isNull();
    }

    @Test
    void looksAtItsSliceOnly() {
        byte[] buffer = "xx{\"a\":1}yy".getBytes(UTF_8);
        assertThat(DataSchema.compile("{\"required\": [\"a\"]}").violation(buffer, 2, 7))
                .isNull();
    }

    @Test
    void aMessageIsShortWhateverTheDataIs() {
        String name = "n\n".repeat(300_000);
        String data = "{\"" + name.replace("\n", "\\n") + "\": \"" + "v".repeat(400_000) + "\"}";
        for (String schema : List.of(
                "{'additionalProperties': {'type': 'integer'}}",
                "{'additionalProperties': false}",
                "{'propertyNames': {'maxLength': 5}}",
                "{'unevaluatedProperties': false}",
                "{'additionalProperties': {'enum': ['" + "e".repeat(100_000) + "']}}")) {
            String message = violation(schema, data.replace('"', '\''));
            assertThat(message).isNotNull().hasSizeLessThan(600).doesNotContain("vvv", "\n");
        }
    }

    @Test
    void endsWithTheFirstOfManyViolations() {
        StringBuilder list = new StringBuilder("[");
        for (int i = 0; i < 400_000; i++) {
            list.append("1,");
        }
        assertThat(violation("{'items': {'type': 'string'}}", list + "1]"))
                .isEqualTo("the data does not satisfy the schema: at \"/0\" type: must be string, found an integer");
    }

    @Test
    void aPatternThatWouldTryForeverIsStopped() {
        long begin = System.nanoTime();
        String message = violation(
                "{'properties': {'a': {'pattern': '^(a+)+(?=b)\\\\1$'}}}", "{'a': '" + "a".repeat(60) + "!'}");
        assertThat(message).contains("the pattern ^(a+)+(?=b)\\1$ takes too much for a text of 61 characters");
        assertThat(System.nanoTime() - begin).isLessThan(20_000_000_000L);
        assertThat(violation("{'pattern': '^[a-z,]*x$'}", "'" + "abc,".repeat(200_000) + "x'"))
                .isNull();
        assertThat(violation("{'pattern': '^(a|b|,)*$'}", "'" + "ab,".repeat(200_000) + "'"))
                .contains("takes too much for a text of 600000 characters");
    }

    @Test
    void dataThatNestsDeeplyIsStopped() {
        String any = "{'items': {'$ref': '#'}, 'anyOf': [{'type': 'array'}, {'type': 'null'}]}";
        assertThat(violation(any, "[".repeat(400) + "]".repeat(400))).isNull();
        assertThat(violation(any, "[".repeat(100_000) + "]".repeat(100_000))).contains("nests deeper than 500");
    }

    @Test
    void aSchemaThatDoublesItsWorkAtEveryLevelIsStopped() {
        String doubling = "{'allOf': [{'items': {'$ref': '#'}}, {'items': {'$ref': '#'}}]}";
        assertThat(violation(doubling, "[".repeat(60) + "]".repeat(60))).contains("it takes more than 10000000 steps");
    }

    @ParameterizedTest
    @CsvSource({"1e999999999", "1e-999999999", "-1e2147483647", "123456789012345678901234567890e99999999"})
    void numbersWithHugeExponentsCostNothing(String number) {
        long begin = System.nanoTime();
        for (String schema : List.of(
                "{'type': 'integer'}",
                "{'multipleOf': 7}",
                "{'multipleOf': 0.01}",
                "{'maximum': 5, 'minimum': 1}",
                "{'const': 3}",
                "{'enum': [1, 2.5]}")) {
            violation(schema, number);
        }
        violation("{'uniqueItems': true}", "[" + number + ", 1, " + number + "]");
        assertThat(System.nanoTime() - begin).isLessThan(10_000_000_000L);
    }

    @Test
    void isSafeForManyThreads() throws Exception {
        DataSchema schema = DataSchema.compile(
                json("{'properties': {'n': {'type': 'integer', 'minimum': 0}, 'f': {'format': 'date-time'}},"
                        + " 'required': ['n'], 'unevaluatedProperties': false}"));
        List<Callable<Boolean>> checks = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
            boolean good = i % 2 == 0;
            byte[] data = json(good ? "{'n': " + i + ", 'f': '2026-01-02T03:04:05Z'}" : "{'n': -1}")
                    .getBytes(UTF_8);
            checks.add(() -> (schema.violation(data, 0, data.length) == null) == good);
        }
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (var right : threads.invokeAll(checks)) {
                assertThat(right.get()).isTrue();
            }
        }
    }

    @Test
    void refusesWhatIsNoSchema() {
        assertThatIllegalArgumentException().isThrownBy(() -> DataSchema.compile(json("{'minimum': 'x'}")));
        assertThatIllegalArgumentException().isThrownBy(() -> DataSchema.compile(json("{'$schema': 'urn:other'}")));
        assertThatIllegalArgumentException().isThrownBy(() -> DataSchema.compile(json("{'$ref': '#/$defs/none'}")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataSchema.compile(json("{'$ref': 'file:///etc/hosts'}")));
        assertThatIllegalArgumentException().isThrownBy(() -> DataSchema.compile("{"));
    }

    private static @Nullable String violation(String schema, String data) {
        byte[] bytes = json(data).getBytes(UTF_8);
        return DataSchema.compile(json(schema)).violation(bytes, 0, bytes.length);
    }

    /** Easier to read and write in Java. */
    private static String json(String text) {
        return text.replace('\'', '"');
    }

    /** Names within messages stand in single quotes, pointers and values of the schema in double ones. */
    private static String json(String message, String schema) {
        return message.replace("at '", "at \"")
                .replaceAll("at \"([^']*)'", "at \"$1\"")
                .replace("['NEW', 'PAID']", "[\"NEW\", \"PAID\"]")
                .replace("{'type':'null'}", "{\"type\":\"null\"}");
    }
}
