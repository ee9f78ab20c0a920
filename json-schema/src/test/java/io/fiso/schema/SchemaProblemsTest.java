// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class SchemaProblemsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1]                                       | schema.no_object /                              | a schema is an object, found a list of 1 item",
                "{'type': 'strin'}                         | schema.bad_keyword /type ~string                | 'type' must be one of array, boolean, integer, null, number, object, string, or a list of them, found 'strin'",
                "{'type': null}                            | schema.bad_keyword /type                        | found null",
                "{'type': ['string', 'nul']}               | schema.bad_keyword /type/1 ~null                | found 'nul'",
                "{'properties': {'a': {'minimum': 'x'}}}   | schema.bad_keyword /properties/a/minimum        | 'minimum' must be a number, found 'x'",
                "{'properties': {'a': 7}}                  | schema.bad_keyword /properties/a                | 'a' must be an object or true or false, found 7",
                "{'required': true}                        | schema.bad_keyword /required                    | 'required' must be a list, found true",
                "{'required': ['a', 5]}                    | schema.bad_keyword /required/1                  | an item of 'required' must be a text, found 5",
                "{'items': [{}]}                           | schema.bad_keyword /items                       | 'items' must be an object or true or false, found a list of 1 item",
                "{'multipleOf': 0}                         | schema.bad_keyword /multipleOf                  | 'multipleOf' must have an exclusive minimum value of 0",
                "{'allOf': []}                             | schema.bad_keyword /allOf                       | 'allOf' must have at least 1 items but found 0",
                "{'exclusiveMaximum': true, 'maximum': 1}  | schema.bad_keyword /exclusiveMaximum            | 'exclusiveMaximum' must be a number, found true",
                "{'pattern': 'a(b'}                        | schema.bad_pattern /pattern                     | pattern is no regular expression: Unclosed group at character 4 of a(b",
                "{'patternProperties': {'[': {}}}          | schema.bad_pattern /patternProperties/[         | a key of patternProperties is no regular expression",
                "{'items': {'$ref': '#/$defs/ordr'}, '$defs': {'order': {}}} | schema.unknown_reference /items/$ref ~#/$defs/order | '$ref' leads nowhere: '#/$defs/ordr'",
                "{'$ref': '#order'}                        | schema.unknown_reference /$ref                  | '$ref' leads nowhere: '#order'",
                "{'$ref': '#/required', 'required': []}    | schema.unknown_reference /$ref                  | '$ref' leads to no schema: '#/required'",
                "{'$ref': 'https://example.org/a.json'}    | schema.remote_reference /$ref                   | '$ref' leads out of this schema, to 'https://example.org/a.json'; nothing is fetched",
                "{'$ref': 'other.json#/x'}                 | schema.remote_reference /$ref                   | nothing is fetched",
                "{'$ref': 'file:///etc/hosts'}             | schema.remote_reference /$ref                   | nothing is fetched",
                "{'$ref': 'classpath:draft-07/schema'}     | schema.remote_reference /$ref                   | nothing is fetched",
                "{'$ref': 'a b'}                           | schema.bad_reference /$ref                      | '$ref' is no address: 'a b'",
                "{'$ref': '#'}                             | schema.endless_reference /$ref                  | leads back to where it comes from",
                "{'allOf': [{'$ref': '#/$defs/a'}], '$defs': {'a': {'anyOf': [{'$ref': '#'}]}}} | schema.endless_reference /$defs/a/anyOf/0/$ref | leads back",
                "{'$schema': 'http://json-schema.org/draft-03/schema#'} | schema.unknown_dialect /$schema ~http://json-schema.org/draft-04/schema# | '$schema' names no draft that is known here",
                "{'$schema': 7}                            | schema.unknown_dialect /$schema                 | found here: 7",
                "{'$defs': {'a': {'$id': 'a', '$schema': 'urn:x'}}} | schema.unknown_dialect /$defs/a/$schema | names no draft",
                "{'requird': ['a']}                        | warning schema.unknown_keyword /requird ~required | 'requird' is no keyword of this draft; it checks nothing",
                "{'format': 'date-tiem'}                   | warning schema.unknown_format /format ~date-time  | there is no format 'date-tiem'; it checks nothing",
            })
    void saysWhatIsWrongAndAtWhichKey(String schema, String where, String message) {
        List<SchemaProblem> problems = problems(schema);
        assertThat(problems).singleElement().satisfies(problem -> {
            String slip = problem.word().isEmpty() || !where.contains("~") ? "" : " ~" + nearest(problem);
            assertThat((problem.warning() ? "warning " : "") + problem.code() + " /" + String.join("/", problem.path())
                            + slip)
                    .isEqualTo(where);
            assertThat(problem.message().replace('"', '\'')).contains(message.replace("found here: 7", "here: 7"));
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'$schema': 'https://json-schema.org/draft/2020-12/schema', 'type': 'object', 'x-note': 1}",
                "{'$schema': 'http://json-schema.org/draft-04/schema', 'id': 'http://a.b/c', 'maximum': 1, 'exclusiveMaximum': true}",
                "{'$schema': 'http://json-schema.org/draft-07/schema#', 'definitions': {'a': {'$id': '#x'}}, 'items': {'$ref': '#x'}}",
                "{'$id': 'https://example.org/order', '$defs': {'a': {'$id': 'item', '$defs': {'b': {}}}},"
                        + " 'items': {'$ref': 'item#/$defs/b'}, 'contains': {'$ref': 'https://example.org/order#/$defs/a'}}",
                "{'$defs': {'a b/c': {}, 'd': {'$anchor': 'here'}}, 'anyOf': [{'$ref': '#/$defs/a%20b~1c'}, {'$ref': '#here'}]}",
                "{'properties': {'$ref': {'type': 'string'}, 'pattern': {'type': 'string'}}, 'enum': [{'$ref': 'http://x/'}]}",
                "{'properties': {'left': {'$ref': '#'}}, 'items': {'$ref': '#'}}",
                "{'$dynamicAnchor': 'node', 'properties': {'left': {'$dynamicRef': '#node'}}}",
                "{'pattern': '^(?!x)(?<y>a)\\\\k<y>\\\\p{Letter}+$'}",
                "{'title': 'a', 'description': 'b', '$comment': 'c', 'default': 1, 'examples': [1], 'deprecated': true,"
                        + " 'readOnly': true, 'contentMediaType': 'application/json'}",
            })
    void findsNothingWrongWithGoodOnes(String schema) {
        assertThat(problems(schema)).isEmpty();
        assertThatCode(() -> DataSchema.compile(schema.replace('\'', '"'))).doesNotThrowAnyException();
    }

    @Test
    void findsAllProblemsAtOnce() {
        assertThat(problems(
                        "{'type': 'strin', 'properties': {'a': {'minimum': 'x', 'pattern': '('}, 'b': {'$ref': 'c'}}}"))
                .extracting(SchemaProblem::code)
                .containsExactlyInAnyOrder(
                        "schema.bad_keyword", "schema.bad_keyword", "schema.bad_pattern", "schema.remote_reference");
    }

    /** What the review lets through compiles, and what compiles can be used. */
    @Test
    void whatHasNoProblemsCanBeUsed() {
        var random = new SplittableRandom(7);
        int good = 0;
        for (int i = 0; i < 2_000; i++) {
            String schema = schema(random, 3);
            List<SchemaProblem> found = DataSchema.problems(schema);
            if (found.stream().allMatch(SchemaProblem::warning)) {
                good++;
                assertThatCode(() -> {
                            DataSchema compiled = DataSchema.compile(schema);
                            for (String data : List.of("null", "1", "\"a\"", "[[1],{}]", "{\"a\":{\"b\":[1]}}")) {
                                compiled.violation(
                                        data.getBytes(java.nio.charset.StandardCharsets.UTF_8), 0, data.length());
                            }
                        })
                        .as(schema)
                        .doesNotThrowAnyException();
            }
        }
        assertThat(good).isBetween(100, 1_900);
    }

    private static final List<String> KEYWORDS = List.of(
            "type",
            "items",
            "properties",
            "required",
            "pattern",
            "$ref",
            "allOf",
            "not",
            "minimum",
            "$defs",
            "enum",
            "const",
            "if",
            "then",
            "$id",
            "$anchor",
            "format",
            "maxItems",
            "additionalProperties",
            "prefixItems");
    private static final List<String> VALUES = List.of(
            "1",
            "-1",
            "true",
            "null",
            "\"string\"",
            "\"a\"",
            "\"#\"",
            "\"#/$defs/a\"",
            "\"(\"",
            "[]",
            "[\"a\"]",
            "{}",
            "[{}]",
            "\"object\"",
            "1.5",
            "\"http://a.b/c\"",
            "\"#a\"");

    private static String schema(SplittableRandom random, int depth) {
        return random.ints(random.nextInt(1, 4), 0, KEYWORDS.size())
                .distinct()
                .mapToObj(KEYWORDS::get)
                .map(key -> "\"" + key + "\": " + value(random, key, depth))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String value(SplittableRandom random, String key, int depth) {
        if (depth > 0 && random.nextInt(3) > 0) {
            switch (key) {
                case "items", "not", "if", "then", "additionalProperties":
                    return schema(random, depth - 1);
                case "allOf", "prefixItems":
                    return "[" + schema(random, depth - 1) + ", " + schema(random, depth - 1) + "]";
                case "properties", "$defs":
                    return "{\"a\": " + schema(random, depth - 1) + ", \"b\": " + schema(random, depth - 1) + "}";
                default:
            }
        }
        return VALUES.get(random.nextInt(VALUES.size()));
    }

    private static String nearest(SchemaProblem problem) {
        return problem.known().stream()
                .min(java.util.Comparator.comparingInt(known -> distance(problem.word(), known)))
                .orElse("");
    }

    private static int distance(String a, String b) {
        int common = 0;
        while (common < Math.min(a.length(), b.length()) && a.charAt(common) == b.charAt(common)) {
            common++;
        }
        return a.length() + b.length() - 2 * common;
    }

    private static List<SchemaProblem> problems(String schema) {
        return DataSchema.problems(schema.replace('\'', '"'));
    }
}
