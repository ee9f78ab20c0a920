// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpellingTest {
    private static final List<String> KNOWN = List.of("kafka-source", "kafka-sink", "file-source", "run", "status");

    @Test
    void knowsSwapsLossesAndBeginnings() {
        assertThat(Spelling.nearest("kafka-souce", KNOWN)).startsWith("kafka-source");
        assertThat(Spelling.nearest("rnu", KNOWN)).containsExactly("run");
        assertThat(Spelling.nearest("stat", KNOWN)).containsExactly("status");
    }

    @Test
    void saysNothingRatherThanNonsense() {
        assertThat(Spelling.nearest("xyzzy", KNOWN)).isEmpty();
    }
}
