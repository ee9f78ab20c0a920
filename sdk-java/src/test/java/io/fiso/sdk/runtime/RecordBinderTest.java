// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fiso.sdk.ConfigException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordBinderTest {
    enum Mode {
        STRUCTURED,
        AS_IS
    }

    record Nested(int depth) {}

    record Config(
            @Nullable String name,
            int count,
            long bytes,
            double share,
            boolean verify,
            @Nullable Mode mode,
            @Nullable Duration timeout,
            @Nullable URI url,
            @Nullable Path file,
            Optional<Duration> pause,
            List<Integer> codes,
            Map<String, String> headers,
            @Nullable Nested nested,
            List<Nested> many) {}

    record Strict(int least) {
        Strict {
            if (least < 1) {
                throw new IllegalArgumentException("least is " + least + "; at least 1 is needed");
            }
        }
    }

    record Several(int a, int b) {
        Several {
            throw new ConfigException(List.of("a is wrong", "b is wrong"));
        }
    }

    record Outer(Strict inner, int other) {}

    @Test
    void bindsEveryKindOfValue() {
        Config config = RecordBinder.bind(
                Config.class,
                Map.ofEntries(
                        Map.entry("name", "x"),
                        Map.entry("count", new BigDecimal("3")),
                        Map.entry("bytes", 5_000_000_000L),
                        Map.entry("share", new BigDecimal("0.25")),
                        Map.entry("verify", true),
                        Map.entry("mode", "as-is"),
                        Map.entry("timeout", "500ms"),
                        Map.entry("url", "http://localhost:1/x"),
                        Map.entry("file", "/tmp/x"),
                        Map.entry("pause", "2m"),
                        Map.entry("codes", List.of(1, 2)),
                        Map.entry("headers", Map.of("h", "v")),
                        Map.entry("nested", Map.of("depth", 1)),
                        Map.entry("many", List.of(Map.of("depth", 2), Map.of("depth", 3)))));

        assertThat(config)
                .isEqualTo(new Config(
                        "x",
                        3,
                        5_000_000_000L,
                        0.25,
                        true,
                        Mode.AS_IS,
                        Duration.ofMillis(500),
                        URI.create("http://localhost:1/x"),
                        Path.of("/tmp/x"),
                        Optional.of(Duration.ofMinutes(2)),
                        List.of(1, 2),
                        Map.of("h", "v"),
                        new Nested(1),
                        List.of(new Nested(2), new Nested(3))));
    }

    @Test
    void leavesEmptyWhatIsMissing() {
        assertThat(RecordBinder.bind(Config.class, Map.of()))
                .isEqualTo(new Config(
                        null,
                        0,
                        0,
                        0,
                        false,
                        null,
                        null,
                        null,
                        null,
                        Optional.empty(),
                        List.of(),
                        Map.of(),
                        null,
                        List.of()));
    }

    @Test
    void reportsEveryProblemAtOnceWithItsPlace() {
        assertThat(problems(
                        Config.class,
                        Map.of(
                                "nmae", "x",
                                "count", "three",
                                "bytes", new BigDecimal("1.5"),
                                "verify", "yes",
                                "mode", "structred",
                                "timeout", "soon",
                                "codes", List.of(1, "two"),
                                "headers", List.of(),
                                "many", List.of(Map.of("dept", 2)))))
                .containsExactlyInAnyOrder(
                        "config.nmae: unknown key; did you mean 'name'?",
                        "config.count: found 'three', expected a number",
                        "config.bytes: found '1.5', expected a whole number of 64 bits",
                        "config.verify: found 'yes', expected true or false",
                        "config.mode: found 'structred', expected one of structured, as-is; did you mean 'structured'?",
                        "config.timeout: 'soon' is no duration; write a number and a unit: 500ms, 5s, 2m or 1h",
                        "config.codes[1]: found 'two', expected a number",
                        "config.headers: found '[]', expected an object",
                        "config.many[0].dept: unknown key; did you mean 'depth'?");
    }

    @Test
    void namesWhatIsKnownWhenNothingIsNear() {
        assertThat(problems(Nested.class, Map.of("colour", 1)))
                .containsExactly("config.colour: unknown key; known are depth");
    }

    @Test
    void refusesWholeNumbersThatDoNotFit() {
        assertThat(problems(Nested.class, Map.of("depth", 3_000_000_000L)))
                .containsExactly("config.depth: found '3000000000', expected a whole number of 32 bits");
    }

    @Test
    void asksForQuotesAroundNumbersThatAreMeantAsText() {
        assertThat(problems(Config.class, Map.of("name", 12)))
                .containsExactly("config.name: found '12', expected text; put it in quotes");
    }

    @Test
    void reportsWhatACompactConstructorRefuses() {
        assertThat(problems(Strict.class, Map.of("least", 0)))
                .containsExactly("config: least is 0; at least 1 is needed");
        assertThat(problems(Several.class, Map.of())).containsExactly("a is wrong", "b is wrong");
    }

    @Test
    void reportsWhatAnInnerConstructorRefusesBesideTheRest() {
        assertThat(problems(Outer.class, Map.of("inner", Map.of("least", 0), "other", "x")))
                .containsExactlyInAnyOrder(
                        "config.inner: least is 0; at least 1 is needed", "config.other: found 'x', expected a number");
    }

    private static List<String> problems(Class<? extends Record> type, Map<?, ?> config) {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> RecordBinder.bind(type, config));
        return refused.problems();
    }
}
