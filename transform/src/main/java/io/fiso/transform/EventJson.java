// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.transform.bounds.Effort;
import io.fiso.transform.json.Digits;
import io.fiso.transform.json.JsonOutput;
import io.fiso.transform.json.LimitExceeded;
import java.util.List;

/**
 * JSON inside an event's values, read and written as the event itself is: {@code json.parse} and {@code json.encode} get it as a hidden argument,
 * since the digits that decimals came with are known per event.
 */
final class EventJson {
    /** What the macros call the hidden variable that holds it. No expression can be written that names it. */
    static final String VARIABLE = "@json";

    /** How much memory a text's values take, compared with the text. */
    private static final int OBJECTS_PER_BYTE = 8;

    private static final NeededPaths EVERYTHING = new NeededPaths();

    static {
        EVERYTHING.add(List.of());
    }

    private final JsonFormat format;
    private final Digits digits;
    private final int maxBytes;
    private final Effort effort;

    EventJson(JsonFormat format, Digits digits, int maxBytes, Effort effort) {
        this.format = format;
        this.digits = digits;
        this.maxBytes = maxBytes;
        this.effort = effort;
    }

    Object parse(byte[] json) {
        effort.needs((long) json.length * OBJECTS_PER_BYTE);
        try {
            if (new String(json, UTF_8).isBlank()) {
                throw new TransformException("the text is not JSON: it is empty");
            }
            return format.read(json, 0, json.length, EVERYTHING, digits);
        } catch (TransformException e) {
            throw failed("json.parse: " + String.valueOf(e.getMessage()).replace("the payload is", "the text is"));
        }
    }

    String encode(Object value) {
        var out = new JsonOutput(maxBytes);
        try {
            format.write(out, value, digits, 1);
        } catch (TransformException | LimitExceeded e) {
            throw failed("json.encode: " + e.getMessage());
        }
        return new String(out.toByteArray(), UTF_8);
    }

    /** Thrown through cel-java, which knows no checked exception, and which puts a function's arguments into the messages of others. */
    private static LimitExceeded failed(String message) {
        return new LimitExceeded(message);
    }
}
