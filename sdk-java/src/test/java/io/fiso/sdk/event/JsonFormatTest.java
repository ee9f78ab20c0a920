// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFormatTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"n\": 1.0,  \"big\":123456789012345678901234567890, \"e\":1e+06, \"list\":[], \"u\":\"\\u00e9é\"}",
                "[1, 2 ]",
                "12345678901234567890.10",
                "\"text\"",
                "null",
                "true"
            })
    void keepsEveryByteOfJsonData(String data) {
        WireEvent event = event().json(bytes(data)).build();

        String json = text(JsonFormat.encode(event));
        WireEvent back = JsonFormat.decode(bytes(" " + json + "\n"));

        assertThat(json).contains(",\"data\":" + data + "}");
        assertThat(text(back.dataBytes())).isEqualTo(data);
        assertThat(back).isEqualTo(event);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{} {}", "nul", "\u0000", "{\"a\":1}x", "\"a\nb\"", "\uFEFF{}"})
    void hidesWhatIsNotJsonInBase64(String data) {
        WireEvent event = event().json(bytes(data)).build();

        byte[] json = JsonFormat.encode(event);

        assertThat(text(json)).contains("\"data_base64\":");
        assertThat(JsonFormat.decode(json)).isEqualTo(event);
    }

    @Test
    void keepsTextAsTextAndBytesAsBase64() {
        WireEvent words =
                event().contentType("text/plain").data(bytes("a\n\"b\"")).build();
        WireEvent binary =
                event().contentType("image/png").data(new byte[] {-1, 0, 7}).build();

        assertThat(text(JsonFormat.encode(words))).contains("\"data\":\"a\\n\\\"b\\\"\"");
        assertThat(JsonFormat.decode(JsonFormat.encode(words))).isEqualTo(words);
        assertThat(text(JsonFormat.encode(binary))).contains("\"data_base64\":\"/wAH\"");
        assertThat(JsonFormat.decode(JsonFormat.encode(binary))).isEqualTo(binary);
    }

    @Test
    void writesOneLineForFilesOfLines() {
        WireEvent event = event().json(bytes("{\n  \"a\": \"x\\ny\"\r\n}")).build();

        String line = text(JsonFormat.encodeLine(event));

        assertThat(line).doesNotContain("\n", "\r").endsWith("\"data\":{   \"a\": \"x\\ny\"  }}");
    }

    @Test
    void keepsAttributesWithTheirTypes() {
        String json = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"subject\":\"u\","
                + "\"time\":\"2026-01-01T10:00:00Z\",\"flag\":true,\"count\":-7,\"note\":\"ü\"}";

        WireEvent event = JsonFormat.decode(bytes(json));

        assertThat(event.getExtension("flag")).isEqualTo(true);
        assertThat(event.getExtension("count")).isEqualTo(-7);
        assertThat(event.hasData()).isFalse();
        assertThat(text(JsonFormat.encode(event))).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{",
                "{}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\"}",
                "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}",
                "{\"specversion\":\"1.0\",\"id\":1,\"source\":\"s\",\"type\":\"t\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"x\":{}}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"x\":3000000000}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"time\":\"noon\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":1,\"data_base64\":\"\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"} {}"
            })
    void saysWhatIsWrongWithAnEvent(String json) {
        assertThatThrownBy(() -> JsonFormat.decode(bytes(json))).isInstanceOf(MalformedEventException.class);
    }

    @Test
    void makesIdsThatDependOnNothingButTheirPlace() {
        StableId ids = StableId.in("cluster", "orders");

        String id = ids.at(1_700_000_000_000L, 3, 42);

        assertThat(id).isEqualTo(StableId.in("cluster", "orders").at(1_700_000_000_000L, 3, 42));
        assertThat(java.util.UUID.fromString(id).version()).isEqualTo(7);
        assertThat(java.util.UUID.fromString(id).variant()).isEqualTo(2);
        assertThat(java.util.UUID.fromString(id).getMostSignificantBits() >>> 16)
                .isEqualTo(1_700_000_000_000L);
        assertThat(id).isNotEqualTo(ids.at(1_700_000_000_000L, 4, 42)).isNotEqualTo(ids.at(1_700_000_000_000L, 3, 43));
        assertThat(id).isNotEqualTo(StableId.in("cluster", "other").at(1_700_000_000_000L, 3, 42));
    }

    private static WireEventBuilder event() {
        return WireEvent.builder().id("1").source("/s").type("t");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
