// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.StableId;
import io.fiso.sdk.event.WireEvent;
import io.fiso.sdk.message.EventWriter.Mode;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EventReaderTest {
    private static final byte[] NO_KEY = "orders-0".getBytes(UTF_8);

    private final EventReader reader = new EventReader("fiso-flow/shop", "fiso.event");

    @ParameterizedTest
    @EnumSource(Mode.class)
    void readsWhatWasWritten(Mode mode) {
        WireEvent event = WireEvent.builder()
                .id("A-1")
                .source("/shop")
                .type("order")
                .subject("1")
                .attribute("correlationid", "c-1")
                .json("{\"n\": 1.10}".getBytes(UTF_8))
                .build();
        SourceEvent read = read(new EventWriter(mode).write(event, "customer".getBytes(UTF_8)));

        WireEvent again = event(read);
        for (String attribute : List.of("id", "source", "type", "subject", "datacontenttype", "correlationid")) {
            assertThat(again.string(attribute)).as(attribute).isEqualTo(event.string(attribute));
        }
        assertThat(again.dataBytes()).isEqualTo(event.dataBytes());
        assertThat(read.orderKey()).isEqualTo("customer".getBytes(UTF_8));
    }

    @Test
    void anEventWithoutDataComesBackWithoutData() {
        WireEvent event =
                WireEvent.builder().id("A-1").source("/shop").type("deleted").build();
        SourceEvent read = read(new EventWriter(Mode.BINARY).write(event, new byte[0]));

        assertThat(event(read).hasData()).isFalse();
        assertThat(read.orderKey()).isEqualTo(NO_KEY);
    }

    @Test
    void wrapsOtherJsonAndCarriesItsHeadersToWhoeverWritesItAgain() {
        EventMessage plain = new EventMessage(
                null,
                List.of(
                        new OriginalRecord.Header("tenant", "a&b=ö".getBytes(UTF_8)),
                        new OriginalRecord.Header("flag", null),
                        new OriginalRecord.Header("X-Request-Id", "r-1".getBytes(UTF_8))),
                "{\"n\":1}".getBytes(UTF_8));
        WireEvent event = event(read(plain));
        assertThat(event.getType()).isEqualTo("fiso.event");
        assertThat(event.string("correlationid")).isEqualTo("r-1");

        EventMessage again = new EventWriter(Mode.BINARY).write(event, new byte[0]);
        assertThat(again.headers()).contains(new OriginalRecord.Header("flag", null));
        assertThat(again.headers().stream()
                        .filter(header -> header.name().equals("tenant"))
                        .map(header -> new String(Objects.requireNonNull(header.value()), UTF_8)))
                .containsExactly("a&b=ö");
    }

    @Test
    void whatIsNoEventIsAFailureAtItsPlace() {
        SourceEvent read = read(new EventMessage(null, List.of(), "no json".getBytes(UTF_8)));
        assertThat(read.failure().orElseThrow().code()).isEqualTo("CLOUDEVENT_WRAP_FAILED");
        assertThat(read.position()).isEqualTo(7);
    }

    private SourceEvent read(EventMessage message) {
        return reader.read(new Kept(message), "0", 7, NO_KEY, StableId.in("test"));
    }

    private static WireEvent event(SourceEvent read) {
        return WireEvent.from(Objects.requireNonNull(read.event()));
    }

    private record Kept(EventMessage message) implements OriginalRecord {
        @Override
        public String origin() {
            return "orders";
        }

        @Override
        public int partition() {
            return 0;
        }

        @Override
        public long offset() {
            return 7;
        }

        @Override
        public long timestampMillis() {
            return 1_700_000_000_000L;
        }

        @Override
        public byte @Nullable [] key() {
            return message.key();
        }

        @Override
        public byte @Nullable [] value() {
            return message.payload();
        }

        @Override
        public List<Header> headers() {
            return message.headers();
        }
    }
}
