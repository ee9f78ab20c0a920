// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class DataSchemasTest {
    private static final String PIPELINE = """
            apiVersion: fiso.io/v1alpha1
            kind: Pipeline
            metadata: {name: orders}
            spec:
              sources: [{id: in, type: generator-source%s}]
              processors: [{id: pass, type: pass-through-processor, inputs: [in]%s}]
              sinks:
                - id: out
                  type: null-sink
                  inputs: [pass]
            %s""";

    @TempDir
    private Path directory;

    @Test
    void everyComponentGetsItsOwnSchema() {
        var text = PIPELINE.formatted(
                ", validate: {jsonSchema: {required: [a]}}",
                ", validate: {jsonSchema: {required: [b]}}",
                "      validate: {jsonSchema: {required: [c], properties: {n: {multipleOf: 0.5}}}}\n");
        var pipeline = Documented.compile(text).pipeline().orElseThrow();
        assertThat(schema(pipeline, "in")).isEqualTo("{\"required\":[\"a\"]}");
        assertThat(schema(pipeline, "pass")).isEqualTo("{\"required\":[\"b\"]}");
        assertThat(schema(pipeline, "out"))
                .isEqualTo("{\"required\":[\"c\"],\"properties\":{\"n\":{\"multipleOf\":0.5}}}");
        var data = "{}".getBytes(UTF_8);
        assertThat(DataSchemas.of(pipeline.component("out")).orElseThrow().violation(data, 0, 2))
                .contains("required property 'c' not found");
        assertThat(PlanView.text(pipeline, java.util.List.of())).contains("validate", "multipleOf");
    }

    @Test
    void aComponentWithoutOneHasNothingToCheck() {
        var pipeline =
                Documented.compile(PIPELINE.formatted("", "", "")).pipeline().orElseThrow();
        assertThat(pipeline.components()).allSatisfy(component -> {
            assertThat(DataSchemas.of(component)).isEmpty();
            assertThat(JsonView.MAPPER.readTree(component.runtimeConfig()).has("validate"))
                    .isFalse();
        });
    }

    @Test
    void allPartsOfAFlowHaveOne() {
        var flow = Documented.FLOW
                .replace("type: kafka\n", "type: kafka\n    validate: {jsonSchema: {required: [a]}}\n")
                .replace("transform:\n", "transform:\n    validate: {jsonSchema: {required: [b]}}\n")
                .replace("type: http\n", "type: http\n    validate: {jsonSchema: {required: [c]}}\n");
        var pipeline = Documented.compile(flow).pipeline().orElseThrow();
        assertThat(schema(pipeline, "source")).isEqualTo("{\"required\":[\"a\"]}");
        assertThat(schema(pipeline, "transform")).isEqualTo("{\"required\":[\"b\"]}");
        assertThat(schema(pipeline, "sink")).isEqualTo("{\"required\":[\"c\"]}");
        assertThat(config(pipeline, "transform").at("/config").has("validate"))
                .as("what arrives is checked, not what is made")
                .isFalse();
    }

    @Test
    void aBareFlowWithoutTransformHasOneToo() {
        var flow = Documented.BARE_FLOW.replace(
                "  type: http\n", "  type: http\n  validate: {jsonSchema: {type: object}}\n");
        assertThat(schema(Documented.compile(flow).pipeline().orElseThrow(), "sink"))
                .isEqualTo("{\"type\":\"object\"}");
    }

    /** Each: code and place, and the schema at the end of the file, from line 11 and column 9 on; what the remedy or message has. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "schema.bad_keyword@13:9 did you mean \"string\"? <= type: strng",
                "schema.bad_keyword@13:9 put it in quotes: \"null\" <= type: null",
                "schema.bad_keyword@15:14 must be a number, found \"x\" <= properties:|  a:|    {minimum: \"x\"}",
                "schema.bad_keyword@15:13 found 5 <= required:|  - a|  - 5",
                "schema.bad_keyword@14:11 \"b\" must be an object or true or false <= properties:|  b: 7",
                "schema.bad_pattern@15:13 Unclosed group <= properties:|  a:|    pattern: \"(\"",
                "schema.bad_pattern@14:11 is no regular expression <= patternProperties:|  \"[a\": {}",
                "schema.unknown_reference@14:11 did you mean \"#/$defs/item\"? <= items:|  $ref: \"#/$defs/itm\"|$defs: {item: {}}",
                "schema.remote_reference@13:9 nothing is fetched <= $ref: https://example.org/order.json",
                "schema.endless_reference@13:22 leads back <= anyOf: [{}, {$ref: \"#\"}]",
                "schema.unknown_dialect@13:9 leave it out for 2020-12 <= $schema: urn:mine",
                "schema.unknown_keyword@14:9 did you mean \"required\"? <= type: object|requird: [a]",
                "schema.unknown_format@13:9 did you mean \"date-time\"? <= format: date-tme",
            })
    void aBrokenSchemaIsReportedAtTheVeryKey(String line) {
        var schema = line.substring(line.indexOf(" <= ") + 4);
        var place = line.substring(0, line.indexOf(' '));
        var text = line.substring(line.indexOf(' ') + 1, line.indexOf(" <= "));
        var compilation = Documented.compile(PIPELINE.formatted(
                "", "", "      validate:\n       jsonSchema:\n        " + schema.replace("|", "\n        ") + "\n"));
        assertThat(compilation.problems().stream()
                        .map(p -> p.code() + "@" + (p.place().line()) + ":"
                                + p.place().column())
                        .collect(Collectors.joining(" ")))
                .as(compilation.render())
                .isEqualTo(place);
        assertThat(compilation.render()).contains(text);
        boolean warning = place.startsWith("schema.unknown_keyword") || place.startsWith("schema.unknown_format");
        assertThat(compilation.pipeline().isPresent()).isEqualTo(warning);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config.missing_key|needs \"jsonSchema\" or \"jsonSchemaFile\"|{}",
                "config.conflict|exclude each other|{jsonSchema: {}, jsonSchemaFile: a.json}",
                "config.unknown_key|it knows jsonSchema, jsonSchemaFile|{jsonSchma: {}, jsonSchema: {}}",
                "config.wrong_type|must be a mapping|{jsonSchema: order}",
                "schema.unreadable_file|the schema's file \"none.json\" cannot be read (NoSuchFileException)|{jsonSchemaFile: none.json}",
            })
    void saysWhatIsWrongWithValidateItself(String line) {
        var parts = line.split("\\|");
        var compilation = Documented.compile(PIPELINE.formatted("", "", "      validate: " + parts[2] + "\n"));
        assertThat(compilation.problems()).extracting(Problem::code).contains(parts[0]);
        assertThat(compilation.render()).contains(parts[1]);
    }

    @Test
    void aSchemaMayStandInAFileBesideThePipeline() throws IOException {
        Files.writeString(
                directory.resolve("order.schema.json"), "{\n\t\"required\": [\"a\"],\n\t\"const\": \"${HOME}\"\n}\n");
        var pipeline = compileHere("order.schema.json").pipeline().orElseThrow();
        assertThat(schema(pipeline, "out")).isEqualTo("{\"required\":[\"a\"],\"const\":\"${HOME}\"}");
    }

    @Test
    void mistakesInAFileAreReportedInThatFile() throws IOException {
        Files.writeString(
                directory.resolve("order.json"), "{\n\t\"properties\": {\n\t\t\"a\": {\"type\": \"strng\"}\n\t}\n}\n");
        var compilation = compileHere("order.json");
        assertThat(compilation.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.place().file())
                    .isEqualTo(directory.resolve("order.json").toString());
            assertThat(problem.place().line()).isEqualTo(3);
            assertThat(problem.place().column()).isEqualTo(9);
            assertThat(problem.remedy()).isEqualTo("did you mean \"string\"?");
        });
        Files.writeString(directory.resolve("order.json"), "{\"a\": 1,\n\n");
        assertThat(compileHere("order.json").problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.code()).isEqualTo("yaml.syntax"));
        Files.writeString(directory.resolve("order.json"), " \n");
        assertThat(compileHere("order.json").problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).endsWith("is empty"));
    }

    @Test
    void aConfigThatIsASchemaIsLookedOverToo() {
        var text = Documented.ORDERS.replace(
                "    total: data.price * data.quantity\n",
                "    total: data.price * data.quantity\n        validate: {properties: {total: {minimum: low}}}\n");
        assertThat(Documented.compile(text).problems())
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem.message()).isEqualTo("\"minimum\" must be a number, found \"low\""));
    }

    private Compilation compileHere(String file) {
        var text = PIPELINE.formatted("", "", "      validate: {jsonSchemaFile: " + file + "}\n");
        return PipelineCompiler.compile(
                SourceText.of(directory.resolve("pipeline.yaml").toString(), text),
                Documented.CATALOG,
                Environment.of(Map.of("HOME", "/nowhere")),
                PipelineCompiler.Options.DEFAULT);
    }

    private static String schema(ResolvedPipeline pipeline, String component) {
        return config(pipeline, component).at("/validate/jsonSchema").toString();
    }

    private static JsonNode config(ResolvedPipeline pipeline, String component) {
        return JsonView.MAPPER.readTree(pipeline.component(component).runtimeConfig());
    }
}
