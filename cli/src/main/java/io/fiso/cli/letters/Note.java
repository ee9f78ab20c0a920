// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What became of a letter. The last note of a place holds.
 *
 * @param place the letter's place in its store
 * @param at when
 * @param code of a letter that failed again, the new code; empty otherwise
 * @param message likewise
 * @param attempts likewise; 0 otherwise
 * @param component likewise: whoever gave up this time
 */
public record Note(String place, State state, Instant at, String code, String message, int attempts, String component) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** What became of it. */
    public enum State {
        /** It waits. */
        OPEN,
        /** It was replayed, and failed again. */
        FAILED_AGAIN,
        /** It was replayed, and has arrived. */
        REPLAYED,
        /** Somebody decided that it is not wanted any more. */
        DISCARDED;

        /** Whether nothing is left to do. */
        public boolean resolved() {
            return this == REPLAYED || this == DISCARDED;
        }
    }

    static Note resolved(String place, State state, Instant at) {
        return new Note(place, state, at, "", "", 0, "");
    }

    byte[] toJson() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("place", place);
        members.put("state", state.name());
        members.put("at", at.toString());
        if (state == State.FAILED_AGAIN) {
            members.put("code", code);
            members.put("message", message);
            members.put("attempts", attempts);
            members.put("component", component);
        }
        return JSON.writeValueAsBytes(members);
    }

    /** Null if these bytes are no note. */
    static @Nullable Note parse(byte[] json) {
        try {
            JsonNode node = JSON.readTree(json);
            return new Note(
                    node.path("place").asString(""),
                    State.valueOf(node.path("state").asString("")),
                    Instant.parse(node.path("at").asString("")),
                    node.path("code").asString(""),
                    node.path("message").asString(""),
                    node.path("attempts").asInt(0),
                    node.path("component").asString(""));
        } catch (JacksonException | IllegalArgumentException | DateTimeException _) {
            return null;
        }
    }
}
