// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCheckTest {
    @ParameterizedTest
    @ValueSource(strings = {"{}", " [1, {\"a\": [null]}] ", "\"text\"", "1.10", "true", "null", "{\"ä\": \"€\"}"})
    void takesEveryJsonValue(String json) {
        assertThat(problem(json)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|it is empty",
                "'  '|there is only white space",
                "nonsense|the JSON is broken",
                "{\"a\": |the JSON is broken",
                "{\"a\": \"open|the JSON is broken",
                "\"open|the JSON is broken",
                "{} {}|a second value follows the first at byte 3",
                "1 2|a second value follows the first at byte 2",
            })
    void saysWhatIsWrongAndWhere(String json, String problem) {
        assertThat(problem(json)).startsWith(problem);
    }

    @Test
    void refusesWhatIsNotUtf8() {
        assertThat(JsonCheck.problem(new byte[] {'"', (byte) 0xFF, '"'})).isEqualTo("it is not text in UTF-8");
        assertThat(JsonCheck.problem(new byte[] {0, '1', 0, '2'})).isEqualTo("it is not text in UTF-8");
    }

    @Test
    void showsTheMembersAtTheTopOnly() {
        List<String> seen = new ArrayList<>();
        String problem = JsonCheck.problem(
                "{\"a\": {\"key\": 1}, \"key\": 2.50, \"key\": null, \"key\": [3]}".getBytes(UTF_8),
                new JsonCheck.Members() {
                    @Override
                    public boolean named(String name) {
                        seen.add(name);
                        return name.equals("key");
                    }

                    @Override
                    public void scalar(String text) {
                        seen.add("=" + text);
                    }
                });
        assertThat(problem).isNull();
        assertThat(seen).containsExactly("a", "key", "=2.50", "key", "key");
    }

    private static @Nullable String problem(String json) {
        return JsonCheck.problem(json.getBytes(UTF_8));
    }
}
