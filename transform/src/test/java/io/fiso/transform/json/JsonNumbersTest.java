// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonNumbersTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "0.0",
                "-0.0",
                "0e999999999999",
                "1",
                "-1",
                "0.1",
                "10.5",
                "12.50",
                "1e22",
                "1e23",
                "9007199254740993",
                "9007199254740992",
                "9007199254740993.0",
                "9007199254740993e1",
                "999999999999999999",
                "1000000000000000000",
                "123456789012345678901234567890",
                "1e400",
                "-1e400",
                "1e-400",
                "1e-99999999999",
                "4.9e-324",
                "2.4703282292062327e-324",
                "1.7976931348623157e308",
                "1.7976931348623159e308",
                "0.000000000000000000000001",
                "100000000000000000000000",
                "1E+2",
                "1e-0",
                "2.2250738585072012e-308",
                "8.41e21",
                "9.5e-22",
                "0.30000000000000004"
            })
    void readsTheNearestDouble(String written) {
        check(written);
    }

    @Test
    void readsRandomDecimalsAsTheStandardLibraryDoes() {
        long seed = 31_415;
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 300_000; i++) {
            var digits = new StringBuilder(random.nextBoolean() ? "-" : "");
            digits.append(random.nextLong(Long.MAX_VALUE) >>> random.nextInt(64));
            if (random.nextInt(3) > 0) {
                digits.append('.');
                for (int places = random.nextInt(1, 20); places > 0; places--) {
                    digits.append(random.nextInt(10));
                }
            }
            if (random.nextInt(3) == 0) {
                digits.append(random.nextBoolean() ? 'e' : 'E').append(random.nextInt(-330, 330));
            }
            check(digits.toString());
        }
    }

    @Test
    void readsBackWhatTheStandardLibraryWrites() {
        long seed = 27_182;
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 300_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                check(Double.toString(value));
            }
        }
    }

    @Test
    void knowsWhatFitsIn64Bits() {
        for (var integer : new String[] {
            "0",
            "-0",
            "7",
            "-7",
            "999999999999999999",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775799",
            "-9223372036854775801"
        }) {
            var json = integer.getBytes(ISO_8859_1);
            assertThat(JsonNumbers.fits(json, 0, json.length)).isTrue();
            assertThat(JsonNumbers.integer(json, 0, json.length)).isEqualTo(Long.parseLong(integer));
        }
        for (var integer : new String[] {
            "9223372036854775808",
            "-9223372036854775809",
            "9223372036854776000",
            "9300000000000000000",
            "10000000000000000000",
            "-10000000000000000000"
        }) {
            var json = integer.getBytes(ISO_8859_1);
            assertThat(JsonNumbers.fits(json, 0, json.length)).as(integer).isFalse();
        }
    }

    private static void check(String written) {
        var json = ("12" + written + "34").getBytes(ISO_8859_1);
        double value = JsonNumbers.parse(json, 2, json.length - 2);
        if (Double.doubleToRawLongBits(value) != Double.doubleToRawLongBits(Double.parseDouble(written))) {
            assertThat(value).as(written).isEqualTo(Double.parseDouble(written));
        }
    }
}
