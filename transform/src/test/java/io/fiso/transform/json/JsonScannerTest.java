// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScannerTest {
    private static final int MAX_DEPTH = 256;

    private static final List<String> ROOT = List.of();

    private final Registers r = new Registers(8);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":             | line 1, column 6 | it ends too early, expected a value",
                "nope              | line 1, column 1 | found \"n\", expected a value",
                "tru               | line 1, column 1 | found \"t\", expected a value",
                "{} {}             | line 1, column 4 | found \"{\", expected nothing after the value",
                "[1,]              | line 1, column 4 | found \"]\", expected a value",
                "[1 2]             | line 1, column 4 | found \"2\", expected a comma or the array's end",
                "[1                | line 1, column 3 | it ends too early, expected a comma or the array's end",
                "{\"a\": 01}         | line 1, column 8 | found \"1\", expected no digit after a leading zero",
                "{\"a\" 1}           | line 1, column 6 | found \"1\", expected a colon after the member's name",
                "{\"a\":1,}          | line 1, column 8 | found \"}\", expected a member's name in quotes",
                "{a:1}             | line 1, column 2 | found \"a\", expected a member's name in quotes",
                "{\"a\":1]           | line 1, column 7 | found \"]\", expected a comma or the object's end",
                "-                 | line 1, column 2 | it ends too early, expected a digit after the minus",
                "+1                | line 1, column 1 | found \"+\", expected a value",
                ".5                | line 1, column 1 | found \".\", expected a value",
                "1.                | line 1, column 3 | it ends too early, expected a digit after the decimal point",
                "1.e3              | line 1, column 3 | found \"e\", expected a digit after the decimal point",
                "1e+               | line 1, column 4 | it ends too early, expected a digit of the exponent",
                "[NaN]             | line 1, column 2 | found \"N\", expected a value",
                "[Infinity]        | line 1, column 2 | found \"I\", expected a value",
                "'a'               | line 1, column 1 | found \"'\", expected a value",
                "/**/1             | line 1, column 1 | found \"/\", expected a value",
                "\"ab               | line 1, column 1 | the string that starts here does not end",
                "\"\\x\"             | line 1, column 3 | found \"x\", expected one of \" \\ / b f n r t u after a backslash",
                "\"\\u12g4\"         | line 1, column 6 | found \"g\", expected four hexadecimal digits after \\u",
                "é                 | line 1, column 1 | found a character beyond ASCII, expected a value",
                "[\"éé\" 1]          | line 1, column 7 | found \"1\", expected a comma or the array's end",
            })
    void saysWhatIsWrongAndWhere(String payload, String place, String reason) {
        assertThatExceptionOfType(NotJsonException.class)
                .isThrownBy(() -> scan(payload.getBytes(UTF_8)))
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e.message(payload.getBytes(UTF_8), 0))
                            .isEqualTo("the payload is not JSON (" + place + "): " + reason);
                    assertThat(e).hasMessage("the payload is not JSON: " + reason);
                    assertThat(e.getStackTrace()).isEmpty();
                });
    }

    @Test
    void countsLinesAndCharacters() {
        var json = "xx{\r\n \"a\": 1,\n\r  \"é\": }".getBytes(UTF_8);
        assertThatExceptionOfType(NotJsonException.class)
                .isThrownBy(() -> JsonScanner.scan(tree(), r, json, 2, json.length, MAX_DEPTH))
                .satisfies(e -> assertThat(e.place(json, 2)).isEqualTo("line 4, column 8"));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
                28, 29, 30, 31
            })
    void refusesControlCharactersInStringsWhereverTheyStand(int control) {
        for (int length = 1; length < 20; length++) {
            for (int at = 0; at < length; at++) {
                var text = "a".repeat(at) + (char) control + "a".repeat(length - at - 1);
                for (var json : List.of("\"" + text + "\"", "{\"" + text + "\":1}", "[\"" + text + "\", 12345678]")) {
                    assertThatExceptionOfType(NotJsonException.class)
                            .isThrownBy(() -> scan(json.getBytes(UTF_8)))
                            .withMessageContaining("control character");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "bf",
                "c0 80",
                "c1 bf",
                "c2",
                "c2 41",
                "c2 c2",
                "e0 80 80",
                "e0 9f bf",
                "e2 82",
                "e2 28 a1",
                "e2 82 28",
                "ed a0 80",
                "ed bf bf",
                "f0 80 80 80",
                "f0 8f bf bf",
                "f0 9f 98",
                "f0 9f 98 41",
                "f4 90 80 80",
                "f5 80 80 80",
                "f8 88 80 80 80",
                "fc 84 80 80 80 80",
                "fe",
                "ff"
            })
    void refusesWhatIsNotUtf8WhereverItStands(String hex) {
        var bad = bytes(hex);
        for (int before = 0; before < 18; before++) {
            for (int after = 0; after < 10; after++) {
                for (var around : List.of("\"|\"", "{\"|\":1}", "[\"\\n|\"]")) {
                    var json = around.replace("|", "a".repeat(before) + new String(bad, ISO_8859_1) + "a".repeat(after))
                            .getBytes(ISO_8859_1);
                    assertThatExceptionOfType(NotJsonException.class)
                            .isThrownBy(() -> scan(json))
                            .withMessageContaining("UTF-8");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c2 80",
                "df bf",
                "e0 a0 80",
                "ec bf bf",
                "ed 80 80",
                "ed 9f bf",
                "ee 80 80",
                "ef bf bf",
                "f0 90 80 80",
                "f3 bf bf bf",
                "f4 8f bf bf",
                "7f"
            })
    void takesTheFirstAndTheLastCharacterOfEveryKind(String hex) throws Exception {
        var text = new String(bytes(hex), UTF_8);
        var tree = tree(ROOT);
        for (int before = 0; before < 18; before++) {
            var expected = "a".repeat(before) + text + "a";
            scan(tree, ("\"" + expected + "\"").getBytes(UTF_8));
            assertThat(JsonText.string(r, 0)).isEqualTo(expected);
        }
    }

    @Test
    void refusesAByteOrderMarkAndOtherEncodings() {
        for (var json : List.of(bytes("ef bb bf 31"), bytes("31 00"), bytes("00 31"), bytes("fe ff 00 31"))) {
            assertThatExceptionOfType(NotJsonException.class).isThrownBy(() -> scan(json));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n\t\r ", "                    "})
    void takesNothingForNull(String payload) throws Exception {
        scan(tree(ROOT, List.of("a")), payload.getBytes(UTF_8));
        assertThat(r.kind[0]).isEqualTo(Kind.NULL);
        assertThat(r.kind[1]).isEqualTo(Kind.ABSENT);
    }

    @Test
    void bendsToTheLimitOfDepthAndNotFurther() throws Exception {
        assertThat(scan(nested("[", "]", MAX_DEPTH))).isEqualTo(MAX_DEPTH);
        assertThat(scan(nested("{\"a\":", "}", MAX_DEPTH))).isEqualTo(MAX_DEPTH);
        assertThat(scan(nested("{\"a\":[", "]}", MAX_DEPTH / 2))).isEqualTo(MAX_DEPTH);
        for (var json : List.of(nested("[", "]", MAX_DEPTH + 1), nested("{\"a\":", "}", MAX_DEPTH + 1))) {
            assertThatExceptionOfType(NotJsonException.class)
                    .isThrownBy(() -> scan(json))
                    .withMessageContaining("256");
        }
        assertThatExceptionOfType(NotJsonException.class)
                .isThrownBy(() -> scan("[".repeat(1_000_000).getBytes(UTF_8)))
                .withMessageContaining("256");
    }

    @Test
    void measuresEveryTree() throws Exception {
        var json = """
                {"flat":[1,2],"deep":[[],[[1]],{}], "spaced":[1, 2],"around" : [{"a":1}] ,"inner":{"x":{ }},"none":"a b"}""";
        assertThat(scan(
                        tree(
                                ROOT,
                                List.of("flat"),
                                List.of("deep"),
                                List.of("spaced"),
                                List.of("around"),
                                List.of("inner")),
                        json.getBytes(UTF_8)))
                .isEqualTo(4);
        assertThat(r.bits)
                .startsWith(
                        Registers.treeBits(4, true),
                        Registers.treeBits(1, false),
                        Registers.treeBits(3, false),
                        Registers.treeBits(1, true),
                        Registers.treeBits(2, false),
                        Registers.treeBits(2, true));
    }

    @Test
    void letsTheLastOfSeveralMembersCountAlone() throws Exception {
        var tree = tree(List.of("a"), List.of("a", "b"), List.of("a", "c", "d"), List.of("a", "c"));
        scan(tree, "{\"a\":{\"b\":1,\"c\":{\"d\":2}},\"a\":{\"c\":{}}}".getBytes(UTF_8));
        assertThat(r.kind).startsWith(Kind.OBJECT, Kind.ABSENT, Kind.ABSENT, Kind.OBJECT);
        scan(tree, "{\"a\":{\"b\":1,\"c\":{\"d\":2}},\"\\u0061\":7}".getBytes(UTF_8));
        assertThat(r.kind).startsWith(Kind.INT, Kind.ABSENT, Kind.ABSENT, Kind.ABSENT);
        scan(tree, "{\"a\":{\"c\":{\"d\":2},\"c\":[{\"d\":1}],\"b\":true}}".getBytes(UTF_8));
        assertThat(r.kind).startsWith(Kind.OBJECT, Kind.TRUE, Kind.ABSENT, Kind.ARRAY);
    }

    @Test
    void goesThroughObjectsOnly() throws Exception {
        scan(tree(List.of("a", "b")), "{\"a\":[{\"b\":1}],\"b\":2}".getBytes(UTF_8));
        assertThat(r.kind[0]).isEqualTo(Kind.ABSENT);
        scan(tree(List.of("a", "b")), "[{\"a\":{\"b\":1}}]".getBytes(UTF_8));
        assertThat(r.kind[0]).isEqualTo(Kind.ABSENT);
    }

    @Test
    void givesEveryPathOneRegister() {
        var next = new AtomicInteger();
        var tree = new PathTree(next::getAndIncrement);
        assertThat(tree.isEmpty()).isTrue();
        assertThat(tree.register(List.of("a", "b"))).isZero();
        assertThat(tree.register(List.of())).isEqualTo(1);
        assertThat(tree.register(List.of("a", "b"))).isZero();
        assertThat(tree.register(List.of("a"))).isEqualTo(2);
        assertThat(tree.isEmpty()).isFalse();
        assertThat(next).hasValue(3);
    }

    @Test
    void tellsManyNamesApart() throws Exception {
        var paths = new ArrayList<List<String>>();
        var json = new StringBuilder("{");
        for (int i = 0; i < 500; i++) {
            var name = "n".repeat(i % 23) + i;
            paths.add(List.of(name));
            json.append(i == 0 ? "\"" : ",\"").append(name).append("\":").append(i);
        }
        var many = new Registers(500);
        JsonScanner.scan(tree(paths), many, json.append("}").toString().getBytes(UTF_8), 0, json.length(), MAX_DEPTH);
        for (int i = 0; i < 500; i++) {
            assertThat(many.kind[i]).isEqualTo(Kind.INT);
            assertThat(many.bits[i]).isEqualTo(i);
        }
    }

    @Test
    void walksAnArray() throws Exception {
        for (var text : List.of(
                "[]", "[ ]", "[1]", "[1,2,3]", "[ {\"a\":\"]\"} , \"x,]\\\"\" ,[[],[1]],null,true ,false,-1.5e+3 ]")) {
            var json = text.getBytes(UTF_8);
            scan(tree(ROOT), json);
            var elements = new ArrayList<String>();
            var each = tree(ROOT);
            for (int at = JsonScanner.firstElement(json, 0); at >= 0; ) {
                int end = JsonScanner.scanValue(each, r, at);
                assertThat(JsonScanner.skip(json, at)).isEqualTo(end);
                elements.add(new String(json, at, end - at, UTF_8));
                at = JsonScanner.nextElement(json, end);
            }
            assertThat("[" + String.join(",", elements) + "]")
                    .isEqualTo(text.replaceAll("(?<=[\\[,]) +| +(?=[,\\]])", ""));
            assertThat(JsonScanner.elements(json, 0)).isEqualTo(elements.size());
        }
    }

    @Test
    void endsWhereThePayloadEnds() throws Exception {
        var whole = """
                {"id": "c-7", "na\\u006de": "Ada \\"é\\" \uD83D\uDE00", "list": [1, -2.5e+3, true, false, null, "0123456789abcdef"], "o": {"x": {}}}""".getBytes(UTF_8);
        var tree = tree(List.of("id"), List.of("name"), List.of("list"), List.of("o", "x"));
        scan(tree, whole);
        assertThat(r.kind).startsWith(Kind.STRING, Kind.ESCAPED, Kind.ARRAY, Kind.OBJECT);
        for (int length = 1; length < whole.length; length++) {
            int to = length;
            // Once with what follows still there, and once at the end of its array.
            assertThatExceptionOfType(NotJsonException.class)
                    .isThrownBy(() -> JsonScanner.scan(tree, r, whole, 0, to, MAX_DEPTH))
                    .satisfies(e -> assertThat(e.at()).isLessThanOrEqualTo(to));
            assertThatExceptionOfType(NotJsonException.class).isThrownBy(() -> scan(tree, Arrays.copyOf(whole, to)));
        }
        scan(tree(ROOT), "1234".getBytes(UTF_8));
        assertThat(r.bits[0]).isEqualTo(1234);
        JsonScanner.scan(tree(ROOT), r, "1234".getBytes(UTF_8), 1, 3, MAX_DEPTH);
        assertThat(r.bits[0]).isEqualTo(23);
    }

    @Test
    void takesStringsOfAnyLength() throws Exception {
        var plain = "x".repeat(10_000_000);
        var wide = "日本語é\uD83D\uDE00".repeat(600_000);
        scan(tree(List.of("a"), List.of("b")), ("{\"a\":\"" + plain + "\",\"b\":\"" + wide + "\"}").getBytes(UTF_8));
        assertThat(JsonText.string(r, 0).equals(plain)).isTrue();
        assertThat(JsonText.string(r, 1).equals(wide)).isTrue();
        var escaped = "\\u00e9\\n".repeat(1_000_000);
        scan(tree(List.of("a")), ("{\"a\":\"" + escaped + "\"}").getBytes(UTF_8));
        assertThat(JsonText.string(r, 0).equals("é\n".repeat(1_000_000))).isTrue();
    }

    private int scan(byte[] json) throws NotJsonException {
        return scan(tree(), json);
    }

    private int scan(PathTree tree, byte[] json) throws NotJsonException {
        return JsonScanner.scan(tree, r, json, 0, json.length, MAX_DEPTH);
    }

    @SafeVarargs
    private static PathTree tree(List<String>... paths) {
        return tree(List.of(paths));
    }

    private static PathTree tree(List<List<String>> paths) {
        var tree = new PathTree(new AtomicInteger()::getAndIncrement);
        for (var path : paths) {
            tree.register(path);
        }
        tree.seal();
        return tree;
    }

    private static byte[] nested(String open, String close, int times) {
        return (open.repeat(times - 1) + (open + close).replace("{\"a\":}", "{}") + close.repeat(times - 1))
                .getBytes(UTF_8);
    }

    private static byte[] bytes(String hex) {
        var numbers = hex.split(" ");
        var bytes = new byte[numbers.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(numbers[i], 16);
        }
        return bytes;
    }
}
