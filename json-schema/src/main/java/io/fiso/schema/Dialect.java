// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.schema;

import com.networknt.schema.AbsoluteIri;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.path.PathType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The draft of JSON Schema that a schema is written in, and how the validator is set up for it. */
final class Dialect {
    private static final SpecificationVersion DEFAULT = SpecificationVersion.DRAFT_2020_12;
    /** Far above what an event of the largest size takes with a schema of usual size. */
    private static final long STEPS_MAX = 10_000_000;
    /** The first violation ends it: an event of many small mistakes shall not take more memory than it has itself. */
    private static final ExecutionConfig FIRST_VIOLATION = ExecutionConfig.builder()
            .failFast(true)
            .formatAssertionsEnabled(true)
            .locale(Locale.ROOT)
            .maxEvaluationSteps(STEPS_MAX)
            .build();

    private final SpecificationVersion version;

    private Dialect(SpecificationVersion version) {
        this.version = version;
    }

    /** The draft that {@code $schema} names, 2020-12 without it; empty if it is none of those there are. */
    static Optional<Dialect> of(JsonNode schema) {
        JsonNode named = schema.path("$schema");
        return named.isMissingNode() ? Optional.of(new Dialect(DEFAULT)) : named(named.asString(""));
    }

    private static Optional<Dialect> named(String id) {
        return Arrays.stream(SpecificationVersion.values())
                .filter(version -> bare(version.getDialectId()).equals(bare(id)))
                .findFirst()
                .map(Dialect::new);
    }

    static List<String> names() {
        return Arrays.stream(SpecificationVersion.values())
                .map(SpecificationVersion::getDialectId)
                .toList();
    }

    private static String bare(String id) {
        return id.endsWith("#") ? id.substring(0, id.length() - 1) : id;
    }

    /** Whether this is the address of a draft itself, or of one of its vocabularies, which the validator brings along. */
    static boolean isBuiltIn(String uri) {
        return uri.startsWith("https://json-schema.org/draft/") || uri.startsWith("http://json-schema.org/draft-0");
    }

    /** What this draft has a word for, whether it checks anything or not. */
    Set<String> keywords() {
        return specification().getKeywords().keySet();
    }

    private com.networknt.schema.dialect.Dialect specification() {
        return switch (version) {
            case DRAFT_4 -> Dialects.getDraft4();
            case DRAFT_6 -> Dialects.getDraft6();
            case DRAFT_7 -> Dialects.getDraft7();
            case DRAFT_2019_09 -> Dialects.getDraft201909();
            case DRAFT_2020_12 -> Dialects.getDraft202012();
        };
    }

    boolean is(SpecificationVersion other) {
        return version == other;
    }

    boolean isBefore(SpecificationVersion other) {
        return version.getOrder() < other.getOrder();
    }

    /** Ready for events, on any number of threads. */
    Schema compile(JsonNode schema) {
        Schema compiled = registry(true).getSchema(schema);
        compiled.initializeValidators();
        return compiled;
    }

    /** The schema of schemas. */
    Schema metaschema() {
        return registry(false).getSchema(SchemaLocation.of(version.getDialectId()));
    }

    private SchemaRegistry registry(boolean forEvents) {
        SchemaRegistryConfig.Builder config = SchemaRegistryConfig.builder()
                .formatAssertionsEnabled(forEvents)
                .locale(Locale.ROOT)
                .pathType(PathType.JSON_POINTER)
                .regularExpressionFactory(BoundedPattern::new);
        if (forEvents) {
            config.executionContextCustomizer((execution, _) -> execution.setExecutionConfig(FIRST_VIOLATION));
        }
        return SchemaRegistry.withDefaultDialect(
                version,
                builder -> builder.schemaLoader(
                                loader -> loader.fetchRemoteResources(false).allow(Dialect::isBuiltIn))
                        .schemaRegistryConfig(config.build()));
    }

    private static boolean isBuiltIn(AbsoluteIri address) {
        return isBuiltIn(address.toString());
    }
}
