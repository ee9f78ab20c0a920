// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** What a fuzzer calls: the first byte says what is looked for in the document, the others are the document. */
public final class JsonFuzzing {
    private static final JacksonAgreement JACKSON = new JacksonAgreement();

    private static final int MOST_BYTES = 1 << 22;

    private JsonFuzzing() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        var random = new SplittableRandom(input[0]);
        var document = Arrays.copyOfRange(input, 1, input.length);
        var asked = JacksonAgreement.ask(random);
        try {
            if (JACKSON.agrees(random, asked, document)) {
                // The second time with what has been learnt from the first.
                assertThat(JACKSON.agrees(random, asked, document)).isTrue();
                write(JacksonAgreement.read(document));
            }
        } catch (Oracle.NoOpinion _) {
            // Nothing to compare with.
        }
    }

    /** What is written by itself reads as what it was. */
    private static void write(Object value) {
        var out = new JsonOutput(MOST_BYTES);
        switch (value) {
            case Map<?, ?> members ->
                members.forEach((name, member) -> {
                    write(name);
                    write(member);
                });
            case List<?> elements -> elements.forEach(JsonFuzzing::write);
            case String text -> {
                if (out.string(text)) {
                    assertThat(JacksonAgreement.read(out.toByteArray())).isEqualTo(text);
                    var utf8 = text.getBytes(UTF_8);
                    var other = new JsonOutput(MOST_BYTES);
                    other.raw((byte) '"');
                    other.utf8(utf8, 0, utf8.length);
                    other.raw((byte) '"');
                    assertThat(other.toByteArray()).isEqualTo(out.toByteArray());
                } else {
                    assertThat(UTF_8.newEncoder().canEncode(text)).isFalse();
                }
            }
            case Long number -> {
                out.number(number.longValue());
                assertThat(JacksonAgreement.read(out.toByteArray())).isEqualTo(number);
            }
            case Oracle.Decimal(String written) -> {
                var digits = written.getBytes(UTF_8);
                double number = JsonNumbers.parse(digits, 0, digits.length);
                assertThat(number).isEqualTo(Double.parseDouble(written));
                if (out.number(number)) {
                    assertThat(Double.parseDouble(new String(out.toByteArray(), UTF_8)))
                            .isEqualTo(number + 0.0);
                } else {
                    assertThat(Double.isInfinite(number)).isTrue();
                }
            }
            default -> {
                // Words are written as they are.
            }
        }
    }
}
