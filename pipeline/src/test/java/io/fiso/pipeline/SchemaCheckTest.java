// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The walker that knows places agrees with a validator that knows the standard. */
class SchemaCheckTest {
    private static final List<String> VALUES = List.of(
            "1",
            "0",
            "-1",
            "1.5",
            "3.0",
            "true",
            "null",
            "x",
            "\"5s\"",
            "10",
            "\"\"",
            "[]",
            "[a]",
            "[1, 2]",
            "{}",
            "{a: b}",
            "{a: 1}",
            "POST",
            "json",
            "https://x",
            "[a, a]",
            "99999999999",
            "\"500ms\"",
            "{skipVerify: true}",
            "{caFile: \"\"}",
            "{data.x: 1}");

    @Test
    void agreesWithTheStandardOnEveryDescriptor() {
        long seed = Long.getLong("fiso.seed", System.nanoTime());
        var random = new Random(seed);
        int valid = 0;
        int rounds = 3_000;
        for (int round = 0; round < rounds; round++) {
            var descriptor = Documented.CATALOG
                    .components()
                    .get(random.nextInt(Documented.CATALOG.components().size()));
            var text = config(descriptor, random);
            var problems = new Problems("config.yaml", text);
            var node = YamlReader.read(SourceText.of("config.yaml", text), problems)
                    .orElseThrow();
            // Without our own keywords: the standard does not know them.
            var schema = JsonView.MAPPER.readTree(
                    descriptor.configSchema().toString().replace("\"x-cel\"", "\"$comment\""));
            new SchemaCheck(schema, problems, false).check(node, schema, "config");
            var json =
                    new JsonView(Set.of(), Set.of(), Map.of(), false).of(node).toString();
            var standard = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(descriptor.configSchema().toString(), InputFormat.JSON)
                    .validate(json, InputFormat.JSON);
            assertThat(problems.hasErrors())
                    .as("seed %s, %s:%n%s%n%s%n%s", seed, descriptor.name(), text, standard, problems.sorted())
                    .isEqualTo(!standard.isEmpty());
            valid += standard.isEmpty() ? 1 : 0;
        }
        assertThat(valid).as("seed %s: some are valid, some are not", seed).isBetween(rounds / 50, rounds * 49 / 50);
    }

    private static String config(Descriptor descriptor, Random random) {
        var text = new StringBuilder();
        for (var name : descriptor.configSchema().path("properties").propertyNames()) {
            if (random.nextInt(3) > 0) {
                var property = descriptor.configSchema().path("properties").path(name);
                boolean sound =
                        random.nextInt(4) > 0 && property.path("examples").size() > 0;
                text.append(name)
                        .append(": ")
                        .append(
                                sound
                                        ? property.path("examples").get(0).toString()
                                        : VALUES.get(random.nextInt(VALUES.size())))
                        .append('\n');
            }
        }
        if (random.nextInt(10) == 0) {
            text.append("other: 1\n");
        }
        return text.isEmpty() ? "{}" : text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ORDERS", "FLOW", "BARE_FLOW"})
    void thePublishedSchemaAcceptsWhatTheCompilerAccepts(String name) {
        var text = switch (name) {
            case "ORDERS" -> Documented.ORDERS;
            case "FLOW" -> Documented.FLOW;
            default -> Documented.BARE_FLOW;
        };
        var node = YamlReader.read(SourceText.of("x.yaml", text), new Problems("x.yaml", text))
                .orElseThrow();
        var schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(PipelineCompiler.schema(), InputFormat.JSON);
        assertThat(schema.validate(
                        new JsonView(Set.of(), Set.of(), Map.of(), false)
                                .of(node)
                                .toString(),
                        InputFormat.JSON))
                .isEmpty();
        assertThat(schema.validate("{\"kind\": \"Pipeline\"}", InputFormat.JSON))
                .isNotEmpty();
    }
}
