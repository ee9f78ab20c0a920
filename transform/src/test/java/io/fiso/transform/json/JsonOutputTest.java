// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

class JsonOutputTest {
    private static final JsonFactory JACKSON = new JsonFactory();

    private final JsonOutput out = new JsonOutput(1 << 20);

    @Test
    void writesIntegers() {
        long seed = 1_001;
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 60_000; i++) {
            checkInteger(random.nextLong() >> random.nextInt(64));
        }
        for (long power = 1; power > 0 && power <= 1_000_000_000_000_000_000L; power *= 10) {
            for (long value : new long[] {power - 1, power, power + 1, -power - 1, -power, -power + 1}) {
                checkInteger(value);
            }
        }
        checkInteger(Long.MAX_VALUE);
        checkInteger(Long.MIN_VALUE);
    }

    private void checkInteger(long value) {
        out.reset();
        out.number(value);
        if (!text().equals(Long.toString(value))) {
            assertThat(text()).isEqualTo(Long.toString(value));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0.0, 0",
        "-0.0, 0",
        "31.5, 31.5",
        "-31.5, -31.5",
        "0.1, 0.1",
        "0.30000000000000004, 0.30000000000000004",
        "4.35, 4.35",
        "-4.35, -4.35",
        "0.07, 0.07",
        "1e-7, 0.0000001",
        "1.5e-10, 0.00000000015",
        "1e15, 1000000000000000",
        "9007199254740991, 9007199254740991",
        "9007199254740992, 9007199254740992",
        "123456789012345680000, 123456789012345680000",
        "1e20, 100000000000000000000",
        "-1e20, -100000000000000000000",
        "1e21, 1.0E21",
        "1.5e300, 1.5E300",
        "4503599627370495.5, 4503599627370495.5",
        "1125899906842623.5, 1125899906842623.5",
        "1125899906842624.5, 1125899906842624.5",
        "0.1234567890123456, 0.1234567890123456",
    })
    void writesDoublesPlainly(double value, String expected) {
        assertThat(out.number(value)).isTrue();
        assertThat(text()).isEqualTo(expected);
    }

    @Test
    void writesTheShortestDigitsThatReadAsTheDouble() {
        long seed = 1_002;
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 60_000; i++) {
            checkDouble(Double.longBitsToDouble(random.nextLong()));
            checkDouble((random.nextLong() >> random.nextInt(64)) / Math.pow(10, random.nextInt(20)));
            checkDouble(Math.round(random.nextDouble() * 1e6) / 100.0 * random.nextInt(1, 100));
            checkDouble(Math.nextUp(random.nextInt(1_000_000) / 1000.0));
            checkDouble(random.nextDouble() * (1L << random.nextInt(48, 54)));
        }
    }

    private void checkDouble(double value) {
        out.reset();
        if (!Double.isFinite(value)) {
            assertThat(out.number(value)).isFalse();
            assertThat(out.size()).isZero();
            return;
        }
        var digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        var expected =
                Math.abs(value) >= 1e21 ? Double.toString(value) : digits.signum() == 0 ? "0" : digits.toPlainString();
        assertThat(out.number(value)).isTrue();
        if (!text().equals(expected)) {
            assertThat(text()).as("bits " + Double.doubleToRawLongBits(value)).isEqualTo(expected);
        }
    }

    @Test
    void refusesWhatIsNoNumber() {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertThat(out.number(value)).isFalse();
        }
        assertThat(out.size()).isZero();
    }

    @Test
    void writesStringsAsJacksonDoesWhateverFormTheyCameIn() throws Exception {
        long seed = 1_003;
        var random = new SplittableRandom(seed);
        var json = new RandomJson(random);
        var r = new Registers(1);
        var tree = new PathTree(new AtomicInteger()::getAndIncrement);
        tree.register(java.util.List.of());
        tree.seal();
        int strings = 0;
        for (int i = 0; i < 60_000; i++) {
            var bytes = json.document().getBytes(UTF_8);
            JsonScanner.scan(tree, r, bytes, 0, bytes.length, 10);
            if (r.kind[0] == Kind.STRING || r.kind[0] == Kind.ESCAPED) {
                checkString(r, JsonText.string(r, 0));
                strings++;
            }
        }
        assertThat(strings).isGreaterThan(6_000);
        for (int c = 0; c < 0x3000; c++) {
            out.reset();
            assertThat(out.string("" + (char) c)).isTrue();
            assertThat(text()).isEqualTo(jackson("" + (char) c));
        }
    }

    private void checkString(Registers r, String text) {
        var expected = jackson(text);
        out.reset();
        assertThat(out.string(text)).isTrue();
        assertThat(text()).isEqualTo(expected);

        var utf8 = ("??" + text + "\"").getBytes(UTF_8);
        out.reset();
        out.utf8(utf8, 2, utf8.length - 1);
        assertThat("\"" + text() + "\"").isEqualTo(expected);

        out.reset();
        assertThat(out.escaped(r.payload, r.start[0], r.end[0])).isTrue();
        assertThat("\"" + text() + "\"").isEqualTo(expected);

        var decoded = new byte[3 + r.end[0] - r.start[0]];
        int end = JsonText.unescape(r.payload, r.start[0], r.end[0], decoded, 3);
        assertThat(new String(decoded, 3, end - 3, UTF_8)).isEqualTo(text);
        assertThat(JsonText.codePoints(decoded, 3, end)).isEqualTo(text.codePointCount(0, text.length()));
    }

    private static String jackson(String text) {
        var bytes = new ByteArrayOutputStream();
        try (var generator = JACKSON.createGenerator(ObjectWriteContext.empty(), bytes, JsonEncoding.UTF8)) {
            generator.writeString(text);
        }
        return bytes.toString(UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "\\ud800",
        "\\udc00",
        "a\\ud800b",
        "\\udc00\\ud800",
        "\\ud800\\ud800\\udc00",
        "\\ud800\\n",
        "\\ud83d\\u0041"
    })
    void refusesHalfACharacter(String written) {
        var json = written.getBytes(US_ASCII);
        var text = JsonText.unescaped(json, 0, json.length);
        assertThat(text.chars().anyMatch(c -> Character.isSurrogate((char) c))).isTrue();
        out.raw((byte) '[');
        assertThat(out.string(text)).isFalse();
        assertThat(out.escaped(json, 0, json.length)).isFalse();
        assertThat(text()).isEqualTo("[");
        assertThat(JsonText.unescape(json, 0, json.length, new byte[json.length], 0))
                .isEqualTo(-1);
    }

    @Test
    void leavesTreesAsTheyCameAndTheirSpaceBehind() {
        var json = "{ \"a b\" :\t[ 1.50 ,\r\n\"\\u0041 \\\" \" ] , \"a b\":{ } }".getBytes(UTF_8);
        out.tree(json, 0, json.length, true);
        assertThat(text()).isEqualTo("{\"a b\":[1.50,\"\\u0041 \\\" \"],\"a b\":{}}");
        out.reset();
        out.tree(json, 0, json.length, false);
        assertThat(out.toByteArray()).isEqualTo(json);
    }

    @Test
    void endsExactlyAtItsLimit() {
        for (int limit = 1; limit < 600; limit += limit < 60 ? 1 : 101) {
            var limited = new JsonOutput(limit);
            var fill = "x".repeat(limit - 1).getBytes(US_ASCII);
            limited.raw(fill);
            limited.number(7);
            assertThat(limited.size()).isEqualTo(limit);
            limited.truncate(limit - 1);
            limited.raw((byte) 'y');
            assertThatThrownBy(() -> limited.raw((byte) 'z'))
                    .isInstanceOf(LimitExceeded.class)
                    .hasMessage("the output is larger than " + limit + " bytes");
            limited.truncate(limit - 1);
            assertThatExceptionOfType(LimitExceeded.class).isThrownBy(() -> limited.number(10));
            limited.truncate(limit - 1);
            assertThatExceptionOfType(LimitExceeded.class).isThrownBy(() -> limited.number(-1));
            limited.truncate(limit - 1);
            assertThatExceptionOfType(LimitExceeded.class).isThrownBy(() -> limited.number(0.5));
            limited.truncate(limit - 1);
            assertThatExceptionOfType(LimitExceeded.class).isThrownBy(() -> limited.string(""));
            limited.truncate(limit - 1);
            assertThatExceptionOfType(LimitExceeded.class).isThrownBy(() -> limited.utf8(new byte[] {'"'}, 0, 1));
            limited.reset();
            limited.raw(fill);
            assertThat(limited.size()).isEqualTo(limit - 1);
        }
    }

    @Test
    void growsWithWhatIsWritten() {
        var text = "long\n".repeat(10_000);
        out.string(text);
        out.utf8(text.getBytes(UTF_8), 0, text.length());
        assertThat(out.size()).isEqualTo(2 * 60_000 + 2);
        var large = new JsonOutput(30_000_000);
        large.string("é".repeat(10_000_000));
        assertThat(large.size()).isEqualTo(20_000_002);
    }

    private String text() {
        return new String(out.toByteArray(), UTF_8);
    }
}
