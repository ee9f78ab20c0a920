// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class FailurePolicyTest {
    private static final String HEAD = """
            apiVersion: fiso.io/v1alpha1
            kind: Pipeline
            metadata: {name: orders}
            spec:
            """;

    private static String pipeline(String spec, String source, String processor, String sink) {
        return HEAD
                + "  sources: [{id: in, type: generator" + source + "}]\n"
                + "  processors: [{id: pass, type: pass-through, inputs: [in]" + processor + "}]\n"
                + "  sinks: [{id: out, type: http, config: {url: 'http://h'}, inputs: [pass]" + sink + "}]\n"
                + spec;
    }

    @Test
    void givesEveryComponentTheWholePolicy() {
        var source = config(pipeline("", "", "", ""), "in").at("/errorHandling");
        assertThat(source.at("/onFailure").asString()).isEqualTo("dead-letter");
        assertThat(source.at("/commitPolicy").asString()).isEqualTo("sink_or_dlq");
        assertThat(source.at("/breaker").toString())
                .isEqualTo("{\"errorRate\":0.5,\"minEvents\":50,\"window\":\"30s\"}");
        var sink = config(pipeline("", "", "", ""), "out").at("/errorHandling");
        assertThat(sink.at("/onFailure").asString()).isEqualTo("dead-letter");
        assertThat(sink.has("breaker")).as("only a source pauses").isFalse();
    }

    @Test
    void theComponentsWordGoesBeforeThePipelinesKeyByKey() {
        var text = pipeline(
                "  errorHandling: {onFailure: hold, commitPolicy: sink, backoff: linear, breaker: {minEvents: 7}}\n",
                ", errorHandling: {breaker: off}",
                "",
                ", errorHandling: {onFailure: fail, jitter: 0}");
        var sink = config(text, "out").at("/errorHandling");
        assertThat(sink.at("/onFailure").asString()).isEqualTo("fail");
        assertThat(sink.at("/commitPolicy").asString()).isEqualTo("sink");
        assertThat(sink.at("/backoff").asString()).isEqualTo("linear");
        assertThat(config(text, "pass").at("/errorHandling/onFailure").asString())
                .isEqualTo("hold");
        assertThat(config(text, "in").at("/errorHandling/breaker").asString()).isEqualTo("off");
    }

    @Test
    void holdsByDefaultWhereOnlyDeliveryCommits() {
        var text = pipeline(
                "  errorHandling: {commitPolicy: sink}\n", "", "", ", errorHandling: {commitPolicy: sink_or_dlq}");
        assertThat(config(text, "pass").at("/errorHandling/onFailure").asString())
                .isEqualTo("hold");
        assertThat(config(text, "out").at("/errorHandling/onFailure").asString())
                .isEqualTo("dead-letter");
    }

    @Test
    void aFlowHasTheSamePolicy() {
        var text = Documented.FLOW.replace(
                "backoff: exponential", "onFailure: skip\n    breaker: {errorRate: 0.25, window: 1m}");
        assertThat(config(text, "sink").at("/errorHandling/onFailure").asString())
                .isEqualTo("skip");
        assertThat(config(text, "source").at("/errorHandling/breaker").toString())
                .isEqualTo("{\"errorRate\":0.25,\"minEvents\":50,\"window\":\"1m\"}");
    }

    @Test
    void letsASinkChooseItsParallelismItsOrderAndItsMemory() {
        var text = pipeline(
                "", "", ", parallelism: adaptive, replicas: 2", ", parallelism: 3, ordering: none, deduplicate: true");
        assertThat(config(text, "pass").at("/parallelism").asString()).isEqualTo("adaptive");
        assertThat(config(text, "out").at("/parallelism").asInt()).isEqualTo(3);
        assertThat(config(text, "out").at("/ordering").asString()).isEqualTo("none");
        assertThat(config(text, "out").at("/deduplicate/window").asLong()).isEqualTo(100_000);
        assertThat(Documented.compile(text)
                        .pipeline()
                        .orElseThrow()
                        .component("pass")
                        .replicas())
                .isEqualTo(2);
        var defaults = pipeline("", "", "", ", deduplicate: {window: 5}");
        assertThat(config(defaults, "pass").at("/parallelism").asInt()).isEqualTo(1);
        assertThat(config(defaults, "out").at("/parallelism").asString()).isEqualTo("adaptive");
        assertThat(config(defaults, "out").at("/deduplicate/window").asLong()).isEqualTo(5);
        assertThat(config(pipeline("", "", "", ", deduplicate: false"), "out").has("deduplicate"))
                .isFalse();
    }

    @Test
    void saysOfEveryOutputWhereItLeads() {
        var text = HEAD + """
                  sources: [{id: in, type: generator}]
                  processors:
                    - {id: left, type: pass-through, inputs: [in]}
                    - {id: right, type: pass-through, inputs: [in]}
                  sinks:
                    - {id: both, type: "null", inputs: [left, right]}
                    - {id: only, type: "null", inputs: [right]}
                """;
        assertThat(config(text, "in").at("/outputs/0/leadsTo").toString()).isEqualTo("[\"left\",\"both\"]");
        assertThat(config(text, "in").at("/outputs/1/leadsTo").toString()).isEqualTo("[\"right\",\"both\",\"only\"]");
        assertThat(config(text, "right").at("/outputs/1/leadsTo").toString()).isEqualTo("[\"only\"]");
    }

    /** What each line begins with is the problem's code and the text it must point at. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "config.conflict@onFailure <= spec: {onFailure: skip, commitPolicy: sink}",
                "config.conflict@onFailure <= sink: {onFailure: dead-letter, commitPolicy: sink}",
                "config.bad_value@park <= spec: {onFailure: park}",
                "config.bad_value@both <= spec: {commitPolicy: both}",
                "config.bad_value@on} <= spec: {breaker: on}",
                "config.out_of_range@1.5 <= spec: {breaker: {errorRate: 1.5}}",
                "config.unknown_key@rate <= spec: {breaker: {rate: 0.5}}",
                "pipeline.not_for_kind@maxRetries <= source: {maxRetries: 3}",
                "pipeline.not_for_kind@breaker <= sink: {breaker: off}",
                "pipeline.not_for_kind@deadLetterTopic <= processor: {deadLetterTopic: x}",
            })
    void refusesWhatMakesNoSense(String line) {
        var code = line.substring(0, line.indexOf('@'));
        var pointed = line.substring(line.indexOf('@') + 1, line.indexOf(" <= "));
        var where = line.substring(line.indexOf(" <= ") + 4, line.indexOf(": {"));
        var handling = line.substring(line.indexOf(": {") + 2);
        var key = ", errorHandling: " + handling;
        check(
                pipeline(
                        where.equals("spec") ? "  errorHandling: " + handling + "\n" : "",
                        where.equals("source") ? key : "",
                        where.equals("processor") ? key : "",
                        where.equals("sink") ? key : ""),
                code,
                pointed);
    }

    @Test
    void seesAContradictionBetweenComponentAndPipeline() {
        check(
                pipeline("  errorHandling: {onFailure: skip}\n", "", "", ", errorHandling: {commitPolicy: sink}"),
                "config.conflict",
                "commitPolicy");
    }

    @Test
    void onlyASinkDeduplicates() {
        check(pipeline("", ", deduplicate: true", "", ""), "pipeline.not_for_kind", "deduplicate");
        check(pipeline("", "", ", deduplicate: true", ""), "pipeline.not_for_kind", "deduplicate");
        check(pipeline("", "", "", ", deduplicate: {window: 0}"), "config.out_of_range", "0}");
        check(pipeline("", "", "", ", deduplicate: 7"), "config.wrong_type", "7");
    }

    @Test
    void parallelismIsANumberOrAdaptive() {
        check(pipeline("", "", "", ", parallelism: 0"), "config.out_of_range", "0}");
        check(pipeline("", "", "", ", parallelism: automatic"), "config.bad_value", "automatic");
        check(pipeline("", ", replicas: 2", "", ""), "pipeline.replicas_unsupported", "2}");
    }

    private static void check(String text, String code, String pointed) {
        var compilation = Documented.compile(text);
        assertThat(compilation.problems().stream().map(Problem::code).collect(Collectors.joining(" ")))
                .as(compilation.render())
                .isEqualTo(code);
        var problem = compilation.problems().getFirst();
        assertThat(text.lines()
                        .toList()
                        .get(problem.place().line() - 1)
                        .substring(problem.place().column() - 1))
                .startsWith(pointed);
        assertThat(problem.remedy()).as(compilation.render()).isNotNull();
    }

    private static JsonNode config(String text, String id) {
        var compilation = Documented.compile(text);
        assertThat(compilation.render()).isEmpty();
        return JsonView.MAPPER.readTree(
                compilation.pipeline().orElseThrow().component(id).runtimeConfig());
    }
}
