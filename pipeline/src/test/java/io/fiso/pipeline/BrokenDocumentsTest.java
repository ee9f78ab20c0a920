// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Error texts are product: the golden files beside the broken documents are what users read. After a deliberate change run with
 * {@code -Dgolden=write} and read the difference.
 */
class BrokenDocumentsTest {
    @ParameterizedTest
    @ValueSource(strings = {"everything", "cel", "flow", "tabs"})
    void saysAllThatIsWrongWhereAndWhatToDo(String name) throws IOException {
        var resources = Path.of("src/test/resources/io/fiso/pipeline/broken");
        var text = Files.readString(resources.resolve(name + ".yaml"));
        var compilation = PipelineCompiler.compile(
                SourceText.of(name + ".yaml", text),
                Documented.CATALOG,
                Environment.of(Map.of()),
                PipelineCompiler.Options.DEFAULT);
        var golden = resources.resolve(name + ".txt");
        if ("write".equals(System.getProperty("golden"))) {
            Files.writeString(golden, compilation.render() + "\n");
        }
        assertThat(compilation.pipeline()).isEmpty();
        assertThat(compilation.render() + "\n").isEqualTo(Files.readString(golden, StandardCharsets.UTF_8));
    }

    /** What each line begins with is the code and place of every problem of the document after it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "yaml.empty@0:0 <= ",
                "yaml.empty@0:0 <= # only a comment",
                "config.wrong_type@1:1 <= just words",
                "config.wrong_type@1:1 <= [a, b]",
                "config.wrong_type@1:1 <= 42",
                "yaml.syntax@1:1 <= }",
                "yaml.syntax@1:5 <= a: b: c: d",
                "yaml.syntax@1:8 <= a: \"x\" \"y\"",
                "yaml.syntax@2:2 <= a: [b|c: d",
                "yaml.unknown_alias@1:4 <= a: *b",
                "yaml.recursive_alias@1:8 <= a: &b [*b]",
                "yaml.merge_key@2:1 <= a: &b {x: 1}|<<: *b",
                "yaml.several_documents@4:1 <= a: 1|b: 2||---|c: 3",
                "yaml.syntax@1:3 <= ? [a]|: b",
                "yaml.encoding@1:4 <= a: \ufffd",
                "pipeline.unknown_kind@1:1 <= a: 1",
                "pipeline.unknown_kind@1:7 <= kind: Pipline",
                "pipeline.unknown_kind@1:7 <= kind: LinkTarget",
                "pipeline.unknown_kind@1:7 <= kind: [Pipeline]",
                "config.missing_key@1:1 config.bad_value@1:8 config.bad_value@1:29 config.wrong_type@1:48 <= {kind: Pipelin, apiVersion: x, spec: {sources: foo}}",
                "config.missing_key@1:1 config.missing_key@1:1 config.missing_key@1:1 <= kind: Pipeline",
                "config.wrong_type@4:17 <= {head}|spec: {sources: foo}",
                "config.wrong_type@4:7 <= {head}|spec: foo",
                "config.wrong_type@4:6 <= {head}|spec:",
                "config.wrong_type@4:17 <= {head}|spec: {sources: {id: a}}",
                "config.bad_value@4:17 <= {head}|spec: {sources: []}",
                "config.wrong_type@4:18 <= {head}|spec: {sources: [a]}",
                "config.wrong_type@4:23 <= {head}|spec: {sources: [{id: 7, type: generator}]}",
                "config.wrong_type@4:23 <= {head}|spec: {sources: [{id: [a], type: generator}]}",
                "config.missing_key@4:18 <= {head}|spec: {sources: [{id: a}]}",
                "pipeline.unused_output@4:23 pipeline.unknown_type@4:32 <= {head}|spec: {sources: [{id: a, type: unheard-of}]}",
                "pipeline.unused_output@4:23 pipeline.wrong_kind@4:32 <= {head}|spec: {sources: [{id: a, type: http-sink}]}",
                "pipeline.unused_output@4:23 pipeline.driver_cannot@4:26 <= {head}|spec: {sources: [{id: a, image: x}]}",
                "config.wrong_type@4:51 <= {head}|spec: {sources: [{id: a, type: generator, config: 5}]}",
                "config.bad_format@4:126 <= {head}|spec: {sources: [{id: a, type: generator}], sinks: [{id: b, type: \"null\", inputs: [{from: a, types: [order.*, \"*\", order.v1, ord*]}]}]}",
                "config.bad_format@4:102 <= {head}|spec: {sources: [{id: a, type: generator}], sinks: [{id: b, type: \"null\", inputs: [{from: a, types: [\"order.*.v1\"]}]}]}",
                "config.bad_format@4:102 <= {head}|spec: {sources: [{id: a, type: generator}], sinks: [{id: b, type: \"null\", inputs: [{from: a, types: [\".*\"]}]}]}",
                "config.unset_variable@4:59 <= {head}|spec: {sources: [{id: a, type: generator, config: {count: \"${X}\"}}], limits: {maxSpan: 5}}",
            })
    void findsEveryProblemAtItsPlace(String line) {
        var expected = line.substring(0, line.indexOf(" <= "));
        var text = line.substring(line.indexOf(" <= ") + 4)
                .replace("{head}", "apiVersion: fiso.io/v1alpha1\nkind: Pipeline\nmetadata: {name: orders}")
                .replace('|', '\n');
        var compilation = Documented.compile(text);
        assertThat(compilation.problems().stream()
                        .map(p -> p.code() + "@" + p.place().line() + ":"
                                + p.place().column())
                        .collect(Collectors.joining(" ")))
                .as(compilation.render())
                .isEqualTo(expected);
    }

    @Test
    void aByteOrderMarkIsNoProblem() {
        assertThat(Documented.compile("\ufeff" + Documented.ORDERS).problems()).isEmpty();
    }

    @Test
    void aliasesOfAliasesAreCountedAndNotWrittenOut() {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            bomb.append("a%d: &a%d [%s]\n"
                    .formatted(i, i, String.join(", ", java.util.Collections.nCopies(10, "*a" + (i - 1)))));
        }
        assertThat(Documented.compile(bomb.toString()).problems())
                .extracting(Problem::code)
                .containsExactly("yaml.too_large");
    }

    @Test
    void boundsDepthAndSize() {
        assertThat(Documented.compile("a: " + "[".repeat(50_000)).problems())
                .extracting(Problem::code)
                .containsExactly("yaml.too_deep");
        assertThat(Documented.compile("a: " + "x".repeat(2 << 20)).problems())
                .extracting(Problem::code)
                .containsExactly("yaml.too_large");
        assertThat(Documented.compile("- x\n".repeat(150_000)).problems())
                .extracting(Problem::code)
                .containsExactly("yaml.too_large");
    }

    @Test
    void longCyclesAndLongChainsAreBothFine() {
        var text = new StringBuilder(
                "apiVersion: fiso.io/v1alpha1\nkind: Pipeline\nmetadata: {name: long}\nspec:\n  sources: [{id: p0, type: generator}]\n  processors:\n");
        for (int i = 1; i <= 500; i++) {
            text.append("    - {id: p%d, type: pass-through, inputs: [p%d]}\n".formatted(i, i - 1));
        }
        var chain = Documented.compile(text + "  sinks: [{id: end, type: \"null\", inputs: [p500]}]\n");
        assertThat(chain.problems()).extracting(Problem::render).isEmpty();
        assertThat(chain.pipeline().orElseThrow().components()).hasSize(502);
    }
}
