// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.file;

import io.fiso.sdk.event.JsonCheck;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over a line's JSON finds, without building it.
 *
 * @param problem what is wrong, without a word of the content; null if nothing is
 * @param key the value of the key field, text or number; null if there is none
 * @param looksLikeCloudEvent whether a top-level field is named specversion
 */
record JsonLine(@Nullable String problem, byte @Nullable [] key, boolean looksLikeCloudEvent) {
    static JsonLine read(byte[] bytes, @Nullable String keyField) {
        Fields fields = new Fields(keyField);
        String problem = JsonCheck.problem(bytes, fields);
        return problem == null ? new JsonLine(null, fields.key, fields.cloudEvent) : new JsonLine(problem, null, false);
    }

    private static final class Fields implements JsonCheck.Members {
        private final @Nullable String keyField;
        private byte @Nullable [] key;
        private boolean cloudEvent;

        Fields(@Nullable String keyField) {
            this.keyField = keyField;
        }

        @Override
        public boolean named(String name) {
            cloudEvent |= name.equals("specversion");
            return name.equals(keyField);
        }

        @Override
        public void scalar(String text) {
            key = text.getBytes(StandardCharsets.UTF_8);
        }
    }
}
