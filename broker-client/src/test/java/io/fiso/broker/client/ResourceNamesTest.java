// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceNamesTest {
    @ParameterizedTest
    @CsvSource({
        "orders, default/default/streams/orders",
        "shop/orders, default/shop/streams/orders",
        "acme/shop/orders, acme/shop/streams/orders",
        "acme/shop/streams/orders, acme/shop/streams/orders"
    })
    void shortNamesBecomeWholeOnes(String written, String whole) {
        assertThat(ResourceNames.STREAM.whole(written)).isEqualTo(whole);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a/", "..", "a/b/queues/c", "a/b/streams/c/d", "ä", "-a"})
    void otherNamesAreRefusedWithWhatIsAllowed(String written) {
        assertThatThrownBy(() -> ResourceNames.STREAM.whole(written))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tenant/namespace/streams/name");
    }
}
