// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PairingTest {
    @Test
    void pairsAsManyAsCanBe() {
        // The first fits both, the second only what the first would take.
        assertThat(Pairing.most(2, 2, (e, f) -> e == 0 || f == 0)).containsExactly(1, 0);
        assertThat(Pairing.most(2, 3, (e, f) -> f == 2)).containsExactly(2, -1);
        assertThat(Pairing.most(0, 2, (e, f) -> true)).isEmpty();
    }

    @Test
    void keepsTheOrderWithinAKeyAndNoOther() {
        List<String> arrived = List.of("a1", "b1", "a2");
        List<String> keys = List.of("a", "b", "a");

        assertThat(inOrder(List.of("a1", "a2", "b1"), arrived, keys)).isTrue();
        assertThat(inOrder(List.of("b1", "a1", "a2"), arrived, keys)).isTrue();
        assertThat(inOrder(List.of("a2", "a1", "b1"), arrived, keys)).isFalse();
        assertThat(inOrder(List.of("a1", "a2"), arrived, keys)).isFalse();
        assertThat(inOrder(List.of(), List.of(), List.of())).isTrue();
    }

    @Test
    void takesBackAChoiceThatLedNowhere() {
        // "any" takes the first of key a before it turns out that it has to take that of b.
        List<String> arrived = List.of("a1", "b1");

        assertThat(Pairing.inOrder(
                        2, List.of("a", "b"), (e, f) -> e == 0 || arrived.get(f).equals("a1")))
                .isTrue();
    }

    @Test
    void isDoneInTimeWhereManyFitMany() {
        List<String> keys = java.util.stream.IntStream.range(0, 200)
                .mapToObj(n -> "k" + n % 20)
                .toList();

        assertThat(Pairing.inOrder(200, keys, (e, f) -> e < 199)).isFalse();
        assertThat(Pairing.inOrder(200, keys, (e, f) -> true)).isTrue();
    }

    private static boolean inOrder(List<String> expected, List<String> arrived, List<String> keys) {
        return Pairing.inOrder(expected.size(), keys, (e, f) -> expected.get(e).equals(arrived.get(f)));
    }
}
