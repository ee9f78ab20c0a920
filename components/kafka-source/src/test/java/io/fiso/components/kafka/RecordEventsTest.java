// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.StableId;
import io.fiso.sdk.event.WireEvent;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordEventsTest {
    private static final long TIMESTAMP = 1_700_000_000_000L;

    private final RecordEvents events = new RecordEvents("fiso-flow/shop", "fiso.event");
    private final StableId ids = StableId.in("cluster", "orders");

    @Test
    void wrapsJsonWithTheDefaultsOfAFlow() {
        WireEvent event = event(convert("42", "{\"legacy_id\": 1.10}"));

        assertThat(event.getType()).isEqualTo("fiso.event");
        assertThat(event.source()).isEqualTo("fiso-flow/shop");
        assertThat(event.getDataContentType()).isEqualTo("application/json");
        assertThat(event.string("time")).isEqualTo("2023-11-14T22:13:20Z");
        assertThat(event.string("partitionkey")).isEqualTo("42");
        assertThat(new String(event.dataBytes(), UTF_8)).isEqualTo("{\"legacy_id\": 1.10}");
    }

    @Test
    void ordersByKeyAndWithoutOneByPartition() {
        assertThat(convert("42", "{}").orderKey()).isEqualTo("42".getBytes(UTF_8));
        assertThat(convert(null, "{}").orderKey()).isEqualTo("orders-3".getBytes(UTF_8));
        assertThat(convert("", "{}").orderKey()).isEmpty();
    }

    @Test
    void keepsABinaryKeyAsOrderKeyAndOutOfTheAttributes() {
        byte[] key = {(byte) 0xFF, 0, 1};
        SourceEvent converted = events.convert("orders-3", ids, record(key, "{}".getBytes(UTF_8), new RecordHeaders()));
        assertThat(converted.orderKey()).isEqualTo(key);
        assertThat(event(converted).string("partitionkey")).isNull();
    }

    @Test
    void takesTheFirstCorrelationIdInTheOrderOfPreferenceWhateverTheirCase() {
        RecordHeaders headers = headers(
                "X-Request-Id",
                "third",
                "X-Correlation-ID",
                "second",
                "traceparent",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assertThat(event(convert(headers)).string("correlationid")).isEqualTo("second");
        assertThat(event(convert(headers.add("Fiso-Correlation-Id", "first".getBytes(UTF_8))))
                        .string("correlationid"))
                .isEqualTo("first");
        RecordHeaders trace = headers("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        WireEvent traced = event(convert(trace));
        assertThat(traced.string("correlationid")).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        assertThat(traced.string("traceparent")).startsWith("00-4bf92f");
    }

    @Test
    void makesACorrelationIdThatIsTheSameWhenTheRecordIsReadAgain() {
        assertThat(event(convert("k", "{}")).string("correlationid"))
                .isNotBlank()
                .isEqualTo(event(convert("k", "{}")).string("correlationid"));
    }

    @Test
    void carriesOtherHeadersByteByByte() {
        RecordHeaders headers = headers("tenant", "a&b=ö", "flag", null, "tenant", "2");
        assertThat(event(convert(headers)).string("kafkaheaders")).isEqualTo("tenant=a%26b%3D%C3%B6&flag&tenant=2");
    }

    @Test
    void passesAStructuredCloudEventUnchanged() {
        String json = """
                {"specversion":"1.0","id":"A-1","source":"/shop","type":"order.create.v1","time":"2026-01-31T10:00:00.100+01:00",\
                "tenant":"acme","datacontenttype":"application/json","data":{"price": 1.10}}""";
        RecordHeaders headers = headers("Content-Type", "application/cloudevents+json; charset=UTF-8");
        WireEvent event = event(events.convert("orders-3", ids, record(null, json.getBytes(UTF_8), headers)));

        assertThat(event.getId()).isEqualTo("A-1");
        assertThat(event.getType()).isEqualTo("order.create.v1");
        assertThat(event.string("time")).isEqualTo("2026-01-31T10:00:00.100+01:00");
        assertThat(event.getExtensionNames()).containsExactly("tenant");
        assertThat(new String(event.dataBytes(), UTF_8)).isEqualTo("{\"price\": 1.10}");
        assertThat(event(convert(null, json)).getId()).isEqualTo("A-1");
    }

    @Test
    void passesABinaryCloudEventUnchangedWhateverItsData() {
        RecordHeaders headers = headers(
                "ce_specversion",
                "1.0",
                "ce_id",
                "A-1",
                "ce_source",
                "/shop",
                "ce_type",
                "order.create.v1",
                "ce_tenant",
                "acme",
                "content-type",
                "image/png");
        byte[] picture = {(byte) 0x89, 'P', 'N', 'G'};
        WireEvent event = event(events.convert("orders-3", ids, record(null, picture, headers)));

        assertThat(event.getId()).isEqualTo("A-1");
        assertThat(event.getDataContentType()).isEqualTo("image/png");
        assertThat(event.getExtensionNames()).containsExactly("tenant");
        assertThat(event.dataBytes()).isEqualTo(picture);
    }

    @Test
    void takesDataThatOnlyMentionsTheSpecificationForData() {
        String data = "{\"specversion\":\"1.0\",\"note\":\"not an event\"}";
        WireEvent event = event(convert("k", data));
        assertThat(event.getType()).isEqualTo("fiso.event");
        assertThat(new String(event.dataBytes(), UTF_8)).isEqualTo(data);
    }

    @Test
    void makesAnEventWithoutDataOfATombstone() {
        WireEvent event =
                event(events.convert("orders-3", ids, record("k".getBytes(UTF_8), null, new RecordHeaders())));
        assertThat(event.hasData()).isFalse();
        assertThat(event.string("partitionkey")).isEqualTo("k");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "not json", "{\"a\":1", "{} {}", "{\"a\":NaN}", "[1,]", "\u0000{}", "tru"})
    void failsWhatIsNotJsonAtItsPlace(String value) {
        SourceEvent converted = convert("k", value);
        assertThat(converted.event()).isNull();
        assertThat(converted.position()).isEqualTo(17);
        assertThat(converted.failure())
                .hasValueSatisfying(reason -> assertThat(reason.code()).isEqualTo("CLOUDEVENT_WRAP_FAILED"));
        assertThat(Objects.requireNonNull(converted.original()).value()).isEqualTo(value.getBytes(UTF_8));
    }

    @Test
    void failsInvalidUtf8() {
        byte[] value = {'"', (byte) 0xC3, (byte) 0x28, '"'};
        assertThat(events.convert("orders-3", ids, record(null, value, new RecordHeaders()))
                        .failure())
                .hasValueSatisfying(reason -> assertThat(reason).hasMessageContaining("UTF-8"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0", "-12.5e3", "\"text\"", "true", "null", "[]", " {\"n\":123456789012345678901234567890} \n"})
    void takesEveryJsonValue(String value) {
        assertThat(new String(event(convert("k", value)).dataBytes(), UTF_8)).isEqualTo(value);
    }

    @Test
    void failsACloudEventThatIsBroken() {
        RecordHeaders structured = headers("content-type", "application/cloudevents+json");
        assertThat(events.convert("orders-3", ids, record(null, "{\"id\":\"1\"}".getBytes(UTF_8), structured))
                        .failure())
                .isPresent();
        RecordHeaders avro = headers("content-type", "application/cloudevents+avro");
        assertThat(events.convert("orders-3", ids, record(null, new byte[] {1}, avro))
                        .failure())
                .hasValueSatisfying(reason -> assertThat(reason).hasMessageContaining("cloudevents+avro"));
        RecordHeaders withoutId = headers("ce_specversion", "1.0", "ce_type", "t");
        assertThat(events.convert("orders-3", ids, record(null, new byte[] {1}, withoutId))
                        .failure())
                .isPresent();
    }

    private SourceEvent convert(@Nullable String key, String value) {
        return events.convert(
                "orders-3",
                ids,
                record(key == null ? null : key.getBytes(UTF_8), value.getBytes(UTF_8), new RecordHeaders()));
    }

    private SourceEvent convert(org.apache.kafka.common.header.Headers headers) {
        return events.convert("orders-3", ids, record(null, "{}".getBytes(UTF_8), headers));
    }

    private static WireEvent event(SourceEvent converted) {
        assertThat(converted.failure()).isEmpty();
        return WireEvent.from(Objects.requireNonNull(converted.event()));
    }

    private static RecordHeaders headers(@Nullable String... pairs) {
        RecordHeaders headers = new RecordHeaders();
        for (int i = 0; i < pairs.length; i += 2) {
            String value = pairs[i + 1];
            headers.add(Objects.requireNonNull(pairs[i]), value == null ? null : value.getBytes(UTF_8));
        }
        return headers;
    }

    private static ConsumerRecord<byte[], byte[]> record(
            byte @Nullable [] key, byte @Nullable [] value, org.apache.kafka.common.header.Headers headers) {
        return new ConsumerRecord<>(
                "orders", 3, 17, TIMESTAMP, TimestampType.CREATE_TIME, 0, 0, key, value, headers, Optional.empty());
    }
}
