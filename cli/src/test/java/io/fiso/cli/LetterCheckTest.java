// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.fiso.cli.letters.StoredLetter;
import io.fiso.pipeline.PipelineTest;
import io.fiso.pipeline.PipelineTest.Letter;
import io.fiso.proto.stream.v1.OriginalRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class LetterCheckTest {
    private static final StoredLetter REFUSED =
            stored("o-1", "422", "unknown customer 7", 0, "{\"data\":{\"a\":1,\"b\":2}}");
    private static final StoredLetter BUSY = stored("o-2", "503", "try later", 2, "{\"data\":3}");

    @Test
    void lettersMayComeInAnyOrder() {
        assertThat(check(
                        List.of(letter("503", "later", 3, null), letter("422", "customer", 1, "{\"a\":1}")),
                        REFUSED,
                        BUSY))
                .isEmpty();
    }

    @Test
    void saysWhatIsOtherThanExpected() {
        assertThat(check(List.of(letter("422", "nobody", 2, "{\"a\":2}")), REFUSED))
                .containsExactly(
                        "20: dead letter 1: expected a message with \"nobody\", found \"unknown customer 7\"",
                        "20: dead letter 1: expected 2 attempts, found 1",
                        "20: dead letter 1: data: at /a: expected 2, found 1");
        assertThat(check(List.of(letter("500", "try", 3, null)), BUSY))
                .containsExactly("20: dead letter 1: expected code 500, found 503");
    }

    @Test
    void saysWhatIsMissingAndWhatIsTooMuch() {
        assertThat(check(List.of(letter("422", "u", 1, null))))
                .containsExactly("20: dead letter 1: expected, and there is none");
        assertThat(check(List.of(letter("422", "u", 1, null), letter("422", "u", 1, null)), REFUSED))
                .containsExactly("20: dead letter 2: expected, and there is none more");
        assertThat(check(List.of(), REFUSED))
                .containsExactly(
                        "19: dead letter not expected: event o-1 failed in \"callback\" with 422: unknown customer 7");
    }

    private static List<String> check(List<Letter> expected, StoredLetter... found) {
        var test = new PipelineTest(
                "t", 1, Duration.ofSeconds(1), Map.of(), Map.of(), Map.of(), expected, 19, Optional.empty());
        return LetterCheck.of(test, List.of(found)).stream()
                .map(finding -> finding.line() + ": " + finding.message())
                .toList();
    }

    private static Letter letter(
            String code, String message, int attempts, @org.jspecify.annotations.Nullable String data) {
        return new Letter(
                20,
                Optional.of(code),
                Optional.of(message),
                Optional.of("callback"),
                Optional.of("orders"),
                OptionalInt.of(attempts),
                Optional.empty(),
                Optional.ofNullable(data).map(JsonDifference::parse));
    }

    private static StoredLetter stored(String id, String code, String message, int retries, String event) {
        return new StoredLetter(
                id,
                Map.of(
                        "fiso-event-id",
                        id,
                        "fiso-error-code",
                        code,
                        "fiso-error-message",
                        message,
                        "fiso-retry-count",
                        Integer.toString(retries),
                        "fiso-failed-component",
                        "callback",
                        "fiso-source-component",
                        "orders"),
                OriginalRecord.newBuilder()
                        .setValue(ByteString.copyFromUtf8(event))
                        .build(),
                "",
                true);
    }
}
