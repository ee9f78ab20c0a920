// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import io.fiso.schema.DataSchema;
import java.util.Map;

/** What a transform's output must look like: a JSON Schema. Thread-safe. */
public final class OutputSchema {
    private final DataSchema schema;

    private OutputSchema(DataSchema schema) {
        this.schema = schema;
    }

    /**
     * Reads a schema.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static OutputSchema compile(String json) {
        return new OutputSchema(DataSchema.compile(json));
    }

    /** The same from a parsed schema. */
    public static OutputSchema compile(Map<String, ?> schema) {
        return new OutputSchema(DataSchema.compile(schema));
    }

    /** @throws TransformException with {@link TransformException#VALIDATION_CODE} if the output does not satisfy it */
    public void check(byte[] output) throws TransformException {
        String violation = schema.violation(output, 0, output.length);
        if (violation != null) {
            throw TransformException.invalid(violation);
        }
    }
}
