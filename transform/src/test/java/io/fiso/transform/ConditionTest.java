// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionTest {
    private static final List<String> VARIABLES = List.of("code", "attempts", "failedAt", "key", "headers", "data");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "code == '503'                                    | true",
                "code in ['404', '503'] && attempts > 2             | true",
                "attempts == 3                                    | true",
                "failedAt < timestamp('2026-02-01T00:00:00Z')     | true",
                "failedAt > timestamp('2026-02-01T00:00:00Z')     | false",
                "key == null                                      | true",
                "headers['tenant'] == 'blue'                      | true",
                "'region' in headers                              | false",
                "data.total * 2 == 21.0                           | true",
                "data.items.exists(i, i.sku == 'B')               | true",
                "has(data.absent)                                 | false",
            })
    void decidesOverWhatItIsGiven(String expression, boolean decision) throws Exception {
        assertThat(Condition.compile(expression, VARIABLES)
                        .test(letter("{\"total\": 10.5, \"items\": [{\"sku\": \"B\"}]}")))
                .isEqualTo(decision);
    }

    @Test
    void takesWhatIsNotJsonForNull() throws Exception {
        assertThat(Condition.compile("data == null", VARIABLES).test(letter("this is not JSON")))
                .isTrue();
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        Condition condition = Condition.compile("data.absent > 1", VARIABLES);

        assertThatThrownBy(() -> condition.test(letter("{}")))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("absent");
    }

    @Test
    void mustDecide() throws Exception {
        Condition condition = Condition.compile("code", VARIABLES);

        assertThatThrownBy(() -> condition.test(letter("{}"))).hasMessageContaining("true or false");
    }

    @Test
    void namesItsOwnVariables() {
        assertThatThrownBy(() -> Condition.compile("cod == 'x'", VARIABLES))
                .isInstanceOfSatisfying(InvalidExpressionException.class, e -> {
                    ExpressionProblem problem = e.problems().getFirst();
                    assertThat(problem.column()).isEqualTo(1);
                    assertThat(problem.message()).contains("there are code, attempts");
                    assertThat(problem.suggestion()).contains("code");
                });
    }

    private static Map<String, @Nullable Object> letter(String data) {
        Map<String, @Nullable Object> values = new HashMap<>();
        values.put("code", "503");
        values.put("attempts", 3);
        values.put("failedAt", Instant.parse("2026-01-31T10:15:30Z"));
        values.put("key", null);
        values.put("headers", Map.of("tenant", "blue"));
        values.put("data", data.getBytes(UTF_8));
        return values;
    }
}
