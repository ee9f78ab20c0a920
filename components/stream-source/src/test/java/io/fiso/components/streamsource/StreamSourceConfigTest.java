// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fiso.components.streamsource.StreamSourceConfig.OnGap;
import io.fiso.kafka.StartOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StreamSourceConfigTest {
    @Test
    void hasTheDefaultsOfAFlow() {
        StreamSourceConfig config = config("orders", null, null, null);
        assertThat(config.target().name()).isEqualTo("default/default/streams/orders");
        assertThat(config.target().create()).isTrue();
        assertThat(config.group("shop")).isEqualTo("fiso-flow-shop");
        assertThat(config.start()).isEqualTo(new StartOffset.Latest());
        assertThat(config.bound()).isEmpty();
        assertThat(config.onGap()).isEqualTo(OnGap.FAIL);
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(null, null, null, null))
                .withMessageContaining("stream is missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("orders", "a b", null, null))
                .withMessageContaining("consumerGroup is \"a b\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("orders", null, "newest", null))
                .withMessageContaining("latest, earliest, an offset");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("orders", null, null, "tomorrow"))
                .withMessageContaining("until \"tomorrow\"");
    }

    private static StreamSourceConfig config(
            @Nullable String stream, @Nullable String group, @Nullable Object startOffset, @Nullable Object until) {
        return new StreamSourceConfig(
                stream, null, null, null, null, null, group, startOffset, until, null, null, null);
    }
}
