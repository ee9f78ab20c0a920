// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonDifferenceTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\": 1, \"b\": 2.50}  | {\"b\": 2.5, \"a\": 1.0}",
                "[1e3, null]              | [1000, null]",
                "9007199254740993         | 9007199254740993",
            })
    void membersComeInAnyOrderAndNumbersAreTheirValues(String expected, String found) {
        assertThat(between(expected, found)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\": 1}               | {\"a\": 2}               | at /a: expected 1, found 2",
                "{\"a\": {\"b/c\": 1}}    | {\"a\": {}}              | at /a/b~1c: expected 1, and it is not there",
                "{}                       | {\"a\": [1]}             | at /a: not expected, found [1]",
                "[1, 2]                   | [1]                      | at /1: expected 2, and it is not there",
                "9007199254740993         | 9007199254740992         | expected 9007199254740993, found 9007199254740992",
                "0.1                      | 0.10000000000000001      | expected 0.1, found 0.10000000000000001",
                "\"1\"                    | 1                        | expected \"1\", found 1",
                "null                     | {}                       | expected null, found {}",
            })
    void namesThePlaceAndBothValues(String expected, String found, String line) {
        assertThat(between(expected, found)).containsExactly(line);
    }

    private static List<String> between(String expected, String found) {
        return JsonDifference.between(JsonDifference.parse(expected), JsonDifference.parse(found));
    }
}
