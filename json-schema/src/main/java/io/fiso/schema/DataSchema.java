// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.schema;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.ValidationLimitExceededException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON Schema, and whether data satisfies it.
 *
 * <ol>
 *   <li>Thread-safe, and compiled once.
 *   <li>Drafts 4, 6, 7, 2019-09 and 2020-12, which is the default; {@code $schema} decides. {@code format} is asserted.
 *   <li>Nothing is ever fetched.
 *   <li>Bounded in time and memory, whatever the data is: it comes from outside.
 * </ol>
 */
public final class DataSchema {
    /** The error code of events whose data does not satisfy its schema. */
    public static final String CODE = "TRANSFORM_VALIDATION_FAILED";

    /** An {@code anyOf} has one violation for each of its branches. More would not help the reader, and all of it travels in a header. */
    private static final int VIOLATIONS_SHOWN = 3;

    private static final int POINTER_CHARACTERS = 200;
    private static final int RULE_CHARACTERS = 160;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final Schema schema;

    private DataSchema(Schema schema) {
        this.schema = schema;
    }

    /**
     * Compiles a schema.
     *
     * @throws IllegalArgumentException if it is none; {@link #problems} says more
     */
    public static DataSchema compile(String json) {
        JsonNode schema = read(json);
        Dialect dialect = Dialect.of(schema)
                .orElseThrow(() -> new IllegalArgumentException("$schema names no draft that is known"));
        try {
            return new DataSchema(dialect.compile(schema));
        } catch (SchemaException e) {
            throw new IllegalArgumentException(
                    "no JSON Schema: " + Found.shortened(String.valueOf(e.getMessage()), RULE_CHARACTERS), e);
        }
    }

    /** The same from parsed JSON. */
    public static DataSchema compile(Map<?, ?> schema) {
        return compile(MAPPER.writeValueAsString(schema));
    }

    /** Everything that is wrong with a schema; if there is no error among it, it compiles. */
    public static List<SchemaProblem> problems(String json) {
        return SchemaReview.of(read(json));
    }

    private static JsonNode read(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("no JSON Schema: it is no JSON", e);
        }
    }

    /**
     * What of this data does not satisfy the schema: where, which keyword, and what was found there, in a few hundred characters and without a word
     * of the content. Null if all of it does.
     */
    public @Nullable String violation(byte[] bytes, int offset, int length) {
        try {
            List<Error> errors = schema.validate(DataReader.read(bytes, offset, length));
            return errors.isEmpty() ? null : "the data does not satisfy the schema: " + described(errors);
        } catch (DataReader.NotJsonException e) {
            return "the data is no JSON: " + e.getMessage();
        } catch (BoundedPattern.TooMuchException e) {
            return "the data cannot be checked: " + e.getMessage();
        } catch (ValidationLimitExceededException e) {
            return "the data cannot be checked: it takes more than " + e.getLimit() + " steps";
        } catch (StackOverflowError e) {
            return "the data cannot be checked: it nests too deeply for the schema";
        } catch (RuntimeException e) {
            // The validator tripped over this data. It would again, and must not take the component down with it.
            return "the data cannot be checked: " + e.getClass().getSimpleName();
        }
    }

    private static String described(List<Error> errors) {
        return errors.stream()
                        .limit(VIOLATIONS_SHOWN)
                        .map(DataSchema::described)
                        .collect(Collectors.joining("; "))
                + (errors.size() > VIOLATIONS_SHOWN ? "; and more" : "");
    }

    private static String described(Error error) {
        return "at \"" + Found.shortened(error.getInstanceLocation().toString(), POINTER_CHARACTERS) + "\" "
                + error.getKeyword() + ": " + Found.shortened(rule(error), RULE_CHARACTERS)
                + (error.getInstanceNode() == null ? "" : ", found " + Found.kind(error.getInstanceNode()));
    }

    private static String rule(Error error) {
        boolean type = "type".equals(error.getKeyword()) && error.getSchemaNode() != null;
        return type
                ? "must be "
                        + error.getSchemaNode()
                                .toString()
                                .replaceAll("[\"\\[\\]]", "")
                                .replace(",", " or ")
                : error.getMessage();
    }
}
