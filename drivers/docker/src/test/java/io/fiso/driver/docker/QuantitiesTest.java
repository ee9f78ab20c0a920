// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.DriverException;
import org.junit.jupiter.api.Test;

class QuantitiesTest {
    @Test
    void readsMemoryAsDockerDoes() throws Exception {
        assertThat(Quantities.memoryBytes("256m")).isEqualTo(256L << 20);
        assertThat(Quantities.memoryBytes("256Mi")).isEqualTo(256L << 20);
        assertThat(Quantities.memoryBytes("1 GB")).isEqualTo(1L << 30);
        assertThat(Quantities.memoryBytes("1048576")).isEqualTo(1L << 20);
    }

    @Test
    void writesMemoryInTheShortestExactNotation() {
        assertThat(Quantities.memory(256L << 20)).isEqualTo("256m");
        assertThat(Quantities.memory(3L << 30)).isEqualTo("3g");
        assertThat(Quantities.memory((1L << 20) + 1)).isEqualTo("1048577");
    }

    @Test
    void readsProcessorsAndThousandths() throws Exception {
        assertThat(Quantities.cpuNanos("0.5")).isEqualTo(500_000_000L);
        assertThat(Quantities.cpuNanos("2")).isEqualTo(2_000_000_000L);
        assertThat(Quantities.cpuNanos("250m")).isEqualTo(250_000_000L);
    }

    @Test
    void refusesWhatItCannotRead() {
        assertThatThrownBy(() -> Quantities.memoryBytes("lots"))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("resources.memory is \"lots\"");
        assertThatThrownBy(() -> Quantities.memoryBytes("999999999999t")).isInstanceOf(DriverException.class);
        assertThatThrownBy(() -> Quantities.cpuNanos("0")).hasMessageContaining("more than nothing");
    }
}
