// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The Jackson of all peers, set to be fast. */
final class PeerJson {
    /** Integers as CEL wants them, so that no peer converts; decimals parsed the fast way, as this engine does. */
    static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                    .build())
            .enable(DeserializationFeature.USE_LONG_FOR_INTS)
            .build();

    private PeerJson() {}

    /** Whether two texts say the same: the order of members, white space and how a number is written aside. */
    static boolean same(byte[] one, byte[] other) {
        return MAPPER.readTree(one).equals(PeerJson::compare, MAPPER.readTree(other));
    }

    private static int compare(JsonNode one, JsonNode other) {
        if (one.isNumber() && other.isNumber()) {
            return one.decimalValue().compareTo(other.decimalValue());
        }
        return one.equals(other) ? 0 : 1;
    }
}
