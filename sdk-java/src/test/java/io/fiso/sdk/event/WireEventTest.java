// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.cloudevents.v1.proto.CloudEvent;
import io.cloudevents.v1.proto.CloudEvent.CloudEventAttributeValue;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WireEventTest {
    private static final int ROUNDS = 3_000;

    @Test
    void readsWhatTheGeneratedClassWrites() {
        Random random = new Random(7);
        for (int round = 0; round < ROUNDS; round++) {
            CloudEvent message = randomMessage(random);
            WireEvent event = surrounded(message.toByteArray(), random);

            assertThat(event.getId()).isEqualTo(message.getId());
            assertThat(event.source()).isEqualTo(message.getSource());
            assertThat(event.getType()).isEqualTo(message.getType());
            assertThat(event.dataBytes()).isEqualTo(dataOf(message));
            assertThat(event.hasData()).isEqualTo(message.getDataCase() != CloudEvent.DataCase.DATA_NOT_SET);
            message.getAttributesMap().forEach((name, value) -> {
                Object read = WireEvent.isContextAttribute(name) ? event.getAttribute(name) : event.getExtension(name);
                assertThat(read).as(name).isEqualTo(plain(value));
                assertThat(event.has(name)).as(name).isTrue();
                assertThat(event.isText(name, "application/json"))
                        .as(name)
                        .isEqualTo("application/json".equals(plain(value)));
                if (StandardCharsets.US_ASCII.newEncoder().canEncode(value.getCeString())) {
                    assertThat(event.isText(name, value.getCeString())).as(name).isEqualTo(value.hasCeString());
                }
            });
            assertThat(event.has("nosuchattribute")).isFalse();
            assertThat(event.isText("nosuchattribute", "")).isFalse();
            assertThat(event.getExtensionNames())
                    .allMatch(name -> message.getAttributesMap().containsKey(name));
            assertThat(event.string("nosuchattribute")).isNull();
        }
    }

    @Test
    void findsAttributesHoweverTheyAreEncoded() {
        byte[] name = {1 << 3 | 2, 4, 'n', 'o', 't', 'e'};
        byte[] text = {2 << 3 | 2, 3, 3 << 3 | 2, 1, 'x'};
        byte[] other = {2 << 3 | 2, 3, 3 << 3 | 2, 1, 'y'};
        byte[] longLengths = {2 << 3 | 2, (byte) 0x84, 0, 3 << 3 | 2, (byte) 0x81, 0, 'x'};
        byte[] number = {2 << 3 | 2, 2, 2 << 3, 'x'};
        byte[] unknown = {2 << 3 | 2, 3, 9 << 3 | 2, 1, 'x'};
        byte[] empty = {2 << 3 | 2, 0};
        byte[] otherName = {1 << 3 | 2, 4, 'e', 'l', 's', 'e'};

        assertText(withAttribute(name, text), true, true);
        assertText(withAttribute(text, name), true, true);
        assertText(withAttribute(name, longLengths), true, true);
        assertText(withAttribute(name, other, text), true, true);
        assertText(withAttribute(name, text, other), true, false);
        assertText(withAttribute(otherName, text), false, false);
        assertText(withAttribute(name, number), true, false);
        assertText(withAttribute(name, unknown), false, false);
        assertText(withAttribute(name, empty), false, false);
        assertText(withAttribute(name), false, false);
        assertText(withAttribute(text), false, false);
    }

    private static void assertText(WireEvent event, boolean present, boolean isText) {
        assertThat(event.has("note")).isEqualTo(present).isEqualTo(event.string("note") != null);
        assertThat(event.isText("note", "x")).isEqualTo(isText).isEqualTo("x".equals(event.getExtension("note")));
        assertThat(event.isText("note", "xy")).isFalse();
    }

    /** An event with one attribute, whose entry is encoded like this. */
    private static WireEvent withAttribute(byte[]... entry) {
        ProtoWriter attribute = new ProtoWriter(16);
        for (byte[] part : entry) {
            attribute.raw(part, 0, part.length);
        }
        ProtoWriter message = new ProtoWriter(16);
        message.string(WireEvent.ID, "1");
        message.delimited(WireEvent.ATTRIBUTES, attribute.toByteArray());
        message.string(WireEvent.TYPE, "t");
        return WireEvent.of(message.toByteArray());
    }

    @Test
    void writesWhatTheGeneratedClassReads() throws InvalidProtocolBufferException {
        Random random = new Random(11);
        for (int round = 0; round < ROUNDS; round++) {
            CloudEvent message = randomMessage(random);
            WireEventBuilder builder = WireEvent.builder()
                    .id(message.getId())
                    .source(message.getSource())
                    .type(message.getType());
            message.getAttributesMap().forEach((name, value) -> builder.attribute(name, plain(value)));
            byte[] data = dataOf(message);
            WireEvent event = builder.data(data).build();

            CloudEvent read = CloudEvent.parseFrom(event.toByteArray());

            assertThat(read.getId()).isEqualTo(message.getId());
            assertThat(read.getSpecVersion()).isEqualTo("1.0");
            assertThat(read.getAttributesMap()).isEqualTo(message.getAttributesMap());
            assertThat(read.getBinaryData().toByteArray()).isEqualTo(data);
        }
    }

    @Test
    void changesOneThingAndKeepsTheRest() throws InvalidProtocolBufferException {
        Random random = new Random(13);
        for (int round = 0; round < ROUNDS; round++) {
            CloudEvent message = randomMessage(random);
            WireEvent event = surrounded(message.toByteArray(), random);

            CloudEvent otherData =
                    CloudEvent.parseFrom(event.withData(new byte[] {1, 2, 3}).toByteArray());
            CloudEvent otherAttribute = CloudEvent.parseFrom(
                    event.with("subject", "new").withId("other").toByteArray());

            assertThat(otherData)
                    .isEqualTo(message.toBuilder()
                            .setBinaryData(ByteString.copyFrom(new byte[] {1, 2, 3}))
                            .build());
            assertThat(otherAttribute)
                    .isEqualTo(message.toBuilder()
                            .setId("other")
                            .putAttributes(
                                    "subject",
                                    CloudEventAttributeValue.newBuilder()
                                            .setCeString("new")
                                            .build())
                            .build());
        }
    }

    @Test
    void takesAnAttributeAway() {
        WireEvent event = WireEvent.builder()
                .id("1")
                .source("s")
                .type("t")
                .subject("x")
                .attribute("note", "y")
                .build();

        WireEvent without = event.with("note", null);

        assertThat(without.getExtensionNames()).isEmpty();
        assertThat(without.getSubject()).isEqualTo("x");
        assertThat(WireEvent.from(without)).isSameAs(without);
    }

    @Test
    void refusesBytesThatAreNoEventOnTheFirstLook() {
        byte[] whole = WireEvent.builder()
                .id("1")
                .source("s")
                .type("t")
                .data(new byte[40])
                .build()
                .toByteArray();
        int withoutData = whole.length - 42;
        for (int length = 1; length < whole.length; length++) {
            if (length == withoutData) {
                continue;
            }
            WireEvent cut = WireEvent.of(whole, 0, length);
            assertThatThrownBy(cut::validate).as("cut at %d", length).isInstanceOf(MalformedEventException.class);
        }
    }

    @Test
    void neverFailsOtherThanMalformedOnNoise() {
        Random random = new Random(17);
        for (int round = 0; round < 20_000; round++) {
            byte[] noise = randomMessage(random).toByteArray();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                noise[random.nextInt(noise.length)] = (byte) random.nextInt();
            }
            try {
                WireEvent event = WireEvent.of(noise);
                event.validate();
                JsonFormat.encode(event);
            } catch (MalformedEventException expected) {
                assertThat(expected).hasMessageNotContainingAny("null");
            }
        }
    }

    @Test
    void refusesWhatACloudEventMustNotHave() {
        assertThatThrownBy(() -> WireEvent.builder().id("1").type("t").build()).hasMessageContaining("'source'");
        assertThatThrownBy(() -> WireEvent.builder().attribute("Bad-Name", "x")).hasMessageContaining("'Bad-Name'");
        assertThatThrownBy(() -> WireEvent.builder().attribute("specversion", "0.3"))
                .hasMessageContaining("only 1.0");
    }

    @Test
    void keepsATimeThatATimestampWouldChange() {
        WireEvent event = WireEvent.builder()
                .id("1")
                .source("s")
                .type("t")
                .attribute("time", "2026-01-01T10:00:00.000+02:00")
                .build();

        assertThat(event.string("time")).isEqualTo("2026-01-01T10:00:00.000+02:00");
        assertThat(event.getTime()).isEqualTo(OffsetDateTime.parse("2026-01-01T10:00:00+02:00"));
    }

    private static WireEvent surrounded(byte[] message, Random random) {
        int before = random.nextInt(5);
        byte[] around = new byte[before + message.length + random.nextInt(5)];
        random.nextBytes(around);
        System.arraycopy(message, 0, around, before, message.length);
        return WireEvent.of(around, before, message.length);
    }

    private static byte[] dataOf(CloudEvent message) {
        return switch (message.getDataCase()) {
            case BINARY_DATA -> message.getBinaryData().toByteArray();
            case TEXT_DATA -> message.getTextData().getBytes(StandardCharsets.UTF_8);
            case PROTO_DATA -> message.getProtoData().toByteArray();
            case DATA_NOT_SET -> new byte[0];
        };
    }

    private static Object plain(CloudEventAttributeValue value) {
        return switch (value.getAttrCase()) {
            case CE_BOOLEAN -> value.getCeBoolean();
            case CE_INTEGER -> value.getCeInteger();
            case CE_STRING -> value.getCeString();
            case CE_BYTES -> value.getCeBytes().toByteArray();
            case CE_URI -> URI.create(value.getCeUri());
            case CE_URI_REF -> URI.create(value.getCeUriRef());
            case CE_TIMESTAMP ->
                java.time.Instant.ofEpochSecond(
                                value.getCeTimestamp().getSeconds(),
                                value.getCeTimestamp().getNanos())
                        .atOffset(java.time.ZoneOffset.UTC);
            case ATTR_NOT_SET -> throw new AssertionError("never made here");
        };
    }

    private static CloudEvent randomMessage(Random random) {
        CloudEvent.Builder message = CloudEvent.newBuilder()
                .setId("id-" + random.nextLong())
                .setSource("/quelle/ü" + random.nextInt(100))
                .setSpecVersion("1.0")
                .setType("order.create." + random.nextInt(10));
        for (int index = random.nextInt(6); index > 0; index--) {
            message.putAttributes("ext" + random.nextInt(300), randomValue(random));
        }
        if (random.nextBoolean()) {
            message.putAttributes(
                    "time",
                    CloudEventAttributeValue.newBuilder()
                            .setCeTimestamp(Timestamp.newBuilder()
                                    .setSeconds(random.nextInt())
                                    .setNanos(random.nextInt(1_000_000_000)))
                            .build());
        }
        byte[] data = new byte[random.nextInt(300)];
        random.nextBytes(data);
        switch (random.nextInt(3)) {
            case 0 -> message.setBinaryData(ByteString.copyFrom(data));
            case 1 -> message.setTextData("{\"größe\": " + random.nextInt() + "}");
            default -> {}
        }
        return message.build();
    }

    private static CloudEventAttributeValue randomValue(Random random) {
        CloudEventAttributeValue.Builder value = CloudEventAttributeValue.newBuilder();
        switch (random.nextInt(5)) {
            case 0 -> value.setCeBoolean(random.nextBoolean());
            case 1 -> value.setCeInteger(random.nextInt());
            case 2 -> value.setCeString("x".repeat(random.nextInt(200)) + "é");
            case 3 -> value.setCeUri("http://localhost/" + random.nextInt());
            default -> value.setCeBytes(ByteString.copyFromUtf8("b" + random.nextInt()));
        }
        return value.build();
    }
}
