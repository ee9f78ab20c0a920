// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.stubs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.DeliveryException.Kind;
import io.fiso.sdk.event.WireEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FailuresTest {
    @Test
    void failsWhatMatchesAndNothingElse() {
        var failures = new Failures(List.of(rule("{\"data\":{\"n\":{\"a\":2.0}},\"type\":\"t\"}", "422", null, 0)));

        assertThat(failure(failures, event("1", "{\"n\":{\"a\":2,\"b\":3}}")).kind())
                .isEqualTo(Kind.PERMANENT);
        assertThatCode(() -> failures.attempt(event("2", "{\"n\":{\"a\":3}}"))).doesNotThrowAnyException();
        assertThatCode(() -> failures.attempt(event("3", "7"))).doesNotThrowAnyException();
    }

    @Test
    void failsTheFirstAttemptsOfEachEvent() {
        var failures = new Failures(List.of(rule(null, "503", null, 2)));

        for (String id : List.of("1", "2")) {
            assertThat(failure(failures, event(id, "1")).kind()).isEqualTo(Kind.TRANSIENT);
            assertThat(failure(failures, event(id, "1")).code()).isEqualTo("503");
            assertThatCode(() -> failures.attempt(event(id, "1"))).doesNotThrowAnyException();
        }
    }

    @Test
    void theFirstRuleThatMatchesCounts() {
        var failures =
                new Failures(List.of(rule("{\"id\":\"1\"}", "A", Kind.UNKNOWN, 1), rule(null, "B", Kind.PERMANENT, 0)));

        assertThat(failure(failures, event("1", "1")).code()).isEqualTo("A");
        assertThatCode(() -> failures.attempt(event("1", "1"))).doesNotThrowAnyException();
        assertThat(failure(failures, event("2", "1")).code()).isEqualTo("B");
    }

    private static Failures.Config rule(@Nullable String match, String code, @Nullable Kind kind, int times) {
        return new Failures.Config(match, code, "no", kind, times);
    }

    private static DeliveryException failure(Failures failures, WireEvent event) {
        DeliveryException failure = catchThrowableOfType(DeliveryException.class, () -> failures.attempt(event));
        assertThat(failure).isNotNull();
        return failure;
    }

    private static WireEvent event(String id, String data) {
        return WireEvent.builder()
                .id(id)
                .source("/s")
                .type("t")
                .json(data.getBytes(StandardCharsets.UTF_8))
                .build();
    }
}
