// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/x                    | /v1/x                 | []",
                "/v1/x                    | /v1/y                 | none",
                "/v1/x                    | /v1/x/y               | none",
                "/v1/{a}                  | /v1/b                 | [b]",
                "/v1/{a}                  | /v1/b%20c%C3%BC       | [b cü]",
                "/v1/{a}                  | /v1/%2541             | [%41]",
                "/v1/{a=*/*}/c            | /v1/b/d/c             | [b/d]",
                "/v1/{a=*/k/*}/{b}        | /v1/x/k/y/z           | [x/k/y, z]",
                "/v1/{a=*/k/*}/{b}        | /v1/x/l/y/z           | none",
                "/v1/{a}:append           | /v1/b:append          | [b]",
                "/v1/{a}:append           | /v1/b:delete          | none",
                "/v1/{a}:append           | /v1/b                 | none",
                "/v1/{a}:append           | /v1/b%3Aappend        | none",
                "/v1/{a}                  | /v1/b:c               | [b:c]",
                "/v1/{a=**}               | /v1/b/c/d             | [b/c/d]",
                "/v1/{a=x/**}             | /v1/x/c/d             | [x/c/d]",
                "/v1/{a=x/**}             | /v1/x                 | none",
                "/v1/{a=**}:get           | /v1/b/c:get           | [b/c]",
                "/v1/*/x                  | /v1/anything/x        | []"
            })
    void matches(String template, String path, String values) {
        assertThat(PathTemplate.parse(template)
                        .match(RequestPath.parse(path))
                        .map(List::toString)
                        .orElse("none"))
                .isEqualTo(values);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "/", "/a//b", "/{a", "/{a}b", "/a b", "/{a=**}/b", "/a:", "/{a=}", "/a/"})
    void refusesWhatIsNoTemplate(String text) {
        assertThatThrownBy(() -> PathTemplate.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theMoreSpecialComesFirst() {
        assertThat(Stream.of("/v1/{a=**}", "/v1/{a}/b", "/v1/x/{b}", "/v1/x/{b}:do", "/v1/x/y")
                        .map(PathTemplate::parse)
                        .sorted()
                        .map(PathTemplate::shape))
                .containsExactly("/v1/x/*:do", "/v1/x/y", "/v1/x/*", "/v1/*/b", "/v1/**");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "//a",
                "/a//b",
                "/a/",
                "/.",
                "/a/..",
                "/a/%2e%2e/b",
                "/a/%2E/b",
                "/a%2fb",
                "/a%2Fb",
                "/a%5cb",
                "/a%00",
                "/a%0a",
                "/a%7f",
                "/a%",
                "/a%4",
                "/a%zz",
                "/a%c0%af",
                "/a%e0%80%af",
                "/a%ff",
                "/a%ed%a0%80",
                "/aü",
                "/a b",
                "/a%\u0664\u0661"
            })
    void refusesPathsThatCouldMeanTwoThings(String raw) {
        assertThatThrownBy(() -> RequestPath.parse(raw))
                .isInstanceOfSatisfying(
                        HttpProblem.class,
                        problem -> assertThat(problem.httpStatus()).isEqualTo(400));
    }

    @Test
    void aPathHasABound() {
        assertThatThrownBy(() -> RequestPath.parse("/" + "a".repeat(5_000)))
                .isInstanceOfSatisfying(
                        HttpProblem.class,
                        problem -> assertThat(problem.httpStatus()).isEqualTo(414));
    }
}
