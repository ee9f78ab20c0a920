// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compared is only who does the same work. */
class PeersTest {
    @ParameterizedTest
    @EnumSource
    void allPeersGiveTheSame(Case example) throws Exception {
        byte[] expected = Peer.BY_HAND.mapping(example).apply(example.event());
        for (Peer peer : Peer.values()) {
            byte[] made = peer.mapping(example).apply(example.event());
            assertThat(PeerJson.same(made, expected))
                    .as("%s: %s instead of %s", peer, new String(made, UTF_8), new String(expected, UTF_8))
                    .isTrue();
        }
    }

    @Test
    void theDocumentsHaveTheSizesTheyAreNamedAfter() {
        assertThat(Case.SIMPLE.document()).hasSizeBetween(280, 330);
        assertThat(Case.NESTED_1K.document()).hasSizeBetween(1000, 1500);
        assertThat(Case.WIDE_10K.document()).hasSizeBetween(9_500, 11_500);
    }

    @Test
    void differentJsonIsNotTheSame() {
        assertThat(PeerJson.same(bytes("{\"a\":1,\"b\":2.50}"), bytes("{\"b\":2.5,\"a\":1.0}")))
                .isTrue();
        assertThat(PeerJson.same(bytes("{\"a\":1}"), bytes("{\"a\":2}"))).isFalse();
        assertThat(PeerJson.same(bytes("{\"a\":1}"), bytes("{\"a\":\"1\"}"))).isFalse();
        assertThat(PeerJson.same(bytes("{\"a\":[1,2]}"), bytes("{\"a\":[2,1]}")))
                .isFalse();
    }

    private static byte[] bytes(String json) {
        return json.getBytes(UTF_8);
    }
}
