// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What a transform's output must look like: a JSON Schema (2020-12). Thread-safe. */
public final class OutputSchema {
    /** More would not help the reader, and travels in a header. */
    private static final int SHOWN = 3;

    private final Schema schema;

    private OutputSchema(Schema schema) {
        this.schema = schema;
    }

    /**
     * Reads a schema.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static OutputSchema compile(String json) {
        try {
            return new OutputSchema(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(json, InputFormat.JSON));
        } catch (SchemaException | JacksonException e) {
            throw new IllegalArgumentException("not a JSON Schema: " + e.getMessage(), e);
        }
    }

    /** The same from a parsed schema. */
    public static OutputSchema compile(Map<String, ?> schema) {
        return compile(JsonMapper.shared().writeValueAsString(schema));
    }

    /** @throws TransformException with {@link TransformException#VALIDATION_CODE} if the output does not satisfy it */
    public void check(byte[] output) throws TransformException {
        var errors = schema.validate(new String(output, StandardCharsets.UTF_8), InputFormat.JSON);
        if (!errors.isEmpty()) {
            throw TransformException.invalid("the output does not satisfy the schema: "
                    + errors.stream().limit(SHOWN).map(String::valueOf).collect(Collectors.joining("; "))
                    + (errors.size() > SHOWN ? "; and " + (errors.size() - SHOWN) + " more" : ""));
        }
    }
}
