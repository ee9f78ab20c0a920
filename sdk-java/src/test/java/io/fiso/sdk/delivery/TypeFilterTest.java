// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.event.WireEvent;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypeFilterTest {
    @ParameterizedTest
    @CsvSource({
        // Exact: a type without a version is of version 1, on either side.
        "order.create,        order.create,        true",
        "order.create,        order.create.v1,     true",
        "order.create.v1,     order.create,        true",
        "order.create.v1,     order.create.v1,     true",
        "order.create,        order.create.v2,     false",
        "order.create.v2,     order.create,        false",
        "order.create.v2,     order.create.v2,     true",
        "order.create.v2,     order.create.v1,     false",
        "order.create.v2,     order.create.v2.v1,  false",
        "order.create.v2.v1,  order.create.v2,     false",
        "order.create.v2.v1,  order.create.v2.v1,  true",
        "order.create.v1,     order.create.v10,    false",
        "order.create,        order.create.v10,    false",
        "order.create,        order.create.v01,    false",
        "order.create,        order.create.V1,     false",
        "order.create,        order.created,       false",
        "order.create,        order.creat,         false",
        "order.create,        Order.create,        false",
        "order.create.vast,   order.create.vast.v1, true",
        "order.v1.create,     order.v1.create.v1,  true",
        "v1,                  v1,                  true",
        "v1,                  v1.v1,               true",
        "order,               order.v1,            true",
        "größe.neu,           größe.neu.v1,        true",
        // Prefix: the type itself, and whatever goes on behind the dot.
        "order.create.*,      order.create,        true",
        "order.create.*,      order.create.v1,     true",
        "order.create.*,      order.create.v2,     true",
        "order.create.*,      order.create.v10,    true",
        "order.create.*,      order.create.bulk.v3, true",
        "order.create.*,      order.create.,       true",
        "order.create.*,      order.created,       false",
        "order.create.*,      order.creat,         false",
        "order.create.*,      order.created.v1,    false",
        "order.create.*,      order,               false",
        "order.create.*,      border.create.v1,    false",
        "order.*,             order.create.v2,     true",
        "order.*,             orders.create,       false",
        "größe.*,             größe.neu,           true",
        "*,                   anything,            true",
        // Nothing else is a pattern.
        "order.*.v1,          order.create.v1,     false",
        "order*,              orders,              false",
    })
    void matches(String pattern, String type, boolean accepted) {
        assertThat(accepts(List.of(pattern), type)).isEqualTo(accepted);
    }

    @Test
    void acceptsWhatOneOfSeveralAccepts() {
        List<String> patterns = List.of("order.create.v2", "payment.*", "stock.move");
        assertThat(List.of("order.create.v2", "payment.refund.v7", "payment", "stock.move", "stock.move.v1"))
                .allMatch(type -> accepts(patterns, type));
        assertThat(List.of("order.create", "order.create.v1", "stock.move.v2", "stocks"))
                .noneMatch(type -> accepts(patterns, type));
    }

    @Test
    void acceptsEverythingWhereNothingIsNamed() {
        assertThat(accepts(List.of(), "order.create")).isTrue();
    }

    @Test
    void takesBytesThatAreNoEventForOneWithoutAType() {
        Records noise = new Records(1);
        byte[] bytes = {(byte) 0xff, 1, 2, 3};
        noise.add(bytes, 0, bytes.length, Records.NO_KEY, 0, 0, 0);
        assertThat(new TypeFilter(List.of("order.create")).accepts(noise, 0)).isFalse();
        assertThat(new TypeFilter(List.of("order.*")).accepts(noise, 0)).isFalse();
    }

    /** Behind other bytes, as events lie in the buffers they came in. */
    private static boolean accepts(List<String> patterns, String type) {
        byte[] event = WireEvent.builder()
                .id("1")
                .source("/test")
                .type(type)
                .data(new byte[] {1, 2, 3})
                .build()
                .toByteArray();
        byte[] buffer = new byte[event.length + 7];
        System.arraycopy(event, 0, buffer, 5, event.length);
        Records records = new Records(1);
        records.add(buffer, 5, event.length, Records.NO_KEY, 0, 0, 0);
        return new TypeFilter(patterns).accepts(records, 0);
    }
}
