// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineTestCompilerTest {
    private static final ComponentCatalog CATALOG = ComponentCatalog.load(List.of(Path.of("..", "components")));

    private static final String HEAD = """
            apiVersion: fiso.io/v1alpha1
            kind: PipelineTest
            pipeline: orders.yaml
            env: {INPUT: orders.jsonl}
            """;

    @TempDir
    Path directory;

    @BeforeEach
    void bringThePipeline() throws IOException {
        Files.writeString(directory.resolve("orders.yaml"), """
                apiVersion: fiso.io/v1alpha1
                kind: Pipeline
                metadata: {name: orders}
                spec:
                  driver: kubernetes
                  sources:
                    - {id: orders, type: file-source, config: {path: "${INPUT}", eventType: order.raw}}
                  processors:
                    - {id: enrich, command: ["./enrich"], inputs: [orders]}
                    - {id: normalize, type: cel-processor, inputs: [enrich], config: {where: data.total > 0}}
                  sinks:
                    - {id: archive, type: null-sink, inputs: [normalize]}
                """);
    }

    @Test
    void fillsInWhatGivenEventsDoNotSay() {
        PipelineTest test = only("""
                tests:
                  - name: digits stay
                    given:
                      orders:
                        - {key: c-1, data: {"price": 10.50, "big": 123456789012345678901, "text": "1", none: null}, ext: {tenant: blue}}
                        - {data: plain, datacontenttype: text/plain, id: mine, type: t, source: /s, time: "2026-02-01T00:00:00Z", subject: s}
                        - {}
                    expect: {archive: []}
                """);

        List<PipelineTest.Given> given = test.given().get("orders");
        assertThat(given.get(0).key()).contains("c-1");
        assertThat(given.get(0).event().toString())
                .contains("\"data\":{\"price\":10.50,\"big\":123456789012345678901,\"text\":\"1\",\"none\":null}")
                .contains("\"tenant\":\"blue\"", "\"specversion\":\"1.0\"", "\"id\":\"orders-1\"")
                .contains("\"source\":\"fiso-flow/orders\"", "\"type\":\"order.raw\"", "\"partitionkey\":\"c-1\"")
                .contains("\"time\":\"2026-01-01T00:00:00Z\"", "\"correlationid\":\"orders-1\"")
                .contains("\"datacontenttype\":\"application/json\"");
        assertThat(given.get(1).event().toString())
                .contains(
                        "\"data\":\"plain\"", "\"datacontenttype\":\"text/plain\"", "\"id\":\"mine\"", "\"type\":\"t\"")
                .contains("\"source\":\"/s\"", "\"time\":\"2026-02-01T00:00:00Z\"", "\"subject\":\"s\"")
                .doesNotContain("partitionkey");
        assertThat(given.get(2).event().has("data")).isFalse();
        assertThat(given.get(2).event().path("id").asString()).isEqualTo("orders-3");
    }

    @Test
    void readsExpectationsWithTheirLines() {
        PipelineTest test = only("""
                timeout: 5s
                tests:
                  - name: all of it
                    given: {orders: []}
                    expect:
                      archive:
                        exactly: true
                        unordered: true
                        events:
                          - {key: k, data: [1], subject: null, ext: {tenant: a}}
                    deadLetters:
                      - {code: 503, message: no, component: archive, source: orders, attempts: 3, id: x, data: {a: 1}}
                    runFails: {component: archive, message: oh}
                """);

        assertThat(test.timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(test.line()).isEqualTo(7);
        PipelineTest.Arrivals arrivals = test.expect().get("archive");
        assertThat(arrivals.unordered()).isTrue();
        assertThat(arrivals.exactly()).isTrue();
        assertThat(arrivals.line()).isEqualTo(10);
        assertThat(arrivals.events().getFirst().line()).isEqualTo(14);
        assertThat(arrivals.events().getFirst().key()).contains("k");
        assertThat(arrivals.events().getFirst().event())
                .hasToString("{\"data\":[1],\"subject\":null,\"tenant\":\"a\"}");
        PipelineTest.Letter letter = test.letters().getFirst();
        assertThat(letter.line()).isEqualTo(16);
        assertThat(letter.code()).contains("503");
        assertThat(letter.attempts()).hasValue(3);
        assertThat(letter.data().orElseThrow()).hasToString("{\"a\":1}");
        assertThat(test.runFails().orElseThrow().message()).contains("oh");
    }

    @Test
    void readsStubs() {
        PipelineTest test = only("""
                tests:
                  - name: stubs
                    given: {orders: []}
                    expect: {archive: []}
                    stubs:
                      enrich: {emit: [{data: {a: 1}, subject: null}]}
                      normalize: {fail: {message: no}}
                      archive: {fail: [{match: {data: {a: 1}}, code: 422, times: 2}, {permanent: true}]}
                """);

        PipelineTest.Stub enrich = test.stubs().get("enrich");
        assertThat(enrich.pass()).isFalse();
        assertThat(enrich.emit().getFirst().attributes()).hasToString("{\"subject\":null}");
        assertThat(enrich.emit().getFirst().data().orElseThrow()).hasToString("{\"a\":1}");
        PipelineTest.Stub normalize = test.stubs().get("normalize");
        assertThat(normalize.pass()).isTrue();
        assertThat(normalize.failures().getFirst().code()).isEqualTo("TRANSFORM_FAILED");
        assertThat(normalize.failures().getFirst().permanent()).contains(true);
        List<PipelineTest.Failure> failures = test.stubs().get("archive").failures();
        assertThat(failures.get(0).match().orElseThrow()).hasToString("{\"data\":{\"a\":1}}");
        assertThat(failures.get(0).permanent()).isEmpty();
        assertThat(failures.get(0).times()).isEqualTo(2);
        assertThat(failures.get(1).code()).isEqualTo("SINK_DELIVERY_FAILED");
        assertThat(failures.get(1).permanent()).contains(true);
    }

    @Test
    void runsWithTheProcessDriverWhateverThePipelineSays() {
        assertThat(compile(HEAD + """
                        tests:
                          - {name: a, given: {orders: []}, expect: {archive: []}}
                        """).tests().orElseThrow().pipeline().driver())
                .isEqualTo("process");
    }

    @Test
    void pointsAtEveryMistake() {
        assertThat(problems(HEAD + """
                        tests:
                          - name: a
                            given: {ordrs: []}
                            stubs: {normalise: {pass: true}, archive: {emit: []}, orders: {pass: true}}
                            expect: {archiv: [{dat: 1}]}
                          - name: a
                            given: {orders: []}
                            stubs: {enrich: {pass: true, emit: []}}
                        """))
                .containsExactly(
                        "7:5 test.source_without_events say what it emits, or write orders: [] if it emits nothing",
                        "7:13 test.unknown_component did you mean \"orders\"?",
                        "8:13 test.unknown_component did you mean \"normalize\"?",
                        "8:48 test.sink_emits a sink collects what arrives in every test; only fail changes that",
                        "8:59 test.source_as_stub say under given what it emits",
                        "9:14 test.unknown_component did you mean \"archive\"?",
                        "9:24 config.unknown_key did you mean \"data\"?",
                        "10:5 config.missing_key add one of them",
                        "10:11 test.duplicate_name say in what they differ",
                        "12:34 config.conflict keep one of them");
    }

    @Test
    void refusesExtensionsThatAreNone() {
        assertThat(problems(HEAD + """
                        tests:
                          - {name: a, given: {orders: [{ext: {subject: x}}]}, expect: {archive: [{ext: {data: x}}]}}
                        """))
                .containsExactly(
                        "6:39 test.no_extension write it beside ext", "6:81 test.no_extension write it beside ext");
    }

    @Test
    void reportsWhatIsWrongWithThePipeline() {
        assertThat(problems(HEAD.replace("INPUT", "OTHER") + """
                        tests:
                          - {name: a, given: {orders: []}, expect: {archive: []}}
                        """))
                .containsExactly("7:54 config.unset_variable give it a value for tests under env: in "
                        + directory.resolve("orders.test.yaml"));
        assertThat(problems(HEAD.replace("orders.yaml", "order.yaml") + """
                        tests:
                          - {name: a, given: {orders: []}, expect: {archive: []}}
                        """))
                .containsExactly("3:11 test.no_pipeline did you mean \"orders.yaml\"?");
    }

    @Test
    void tellsAPipelineFromATestOfOne() {
        assertThat(problems("kind: Pipeline\nmetadata: {name: a}\n"))
                .containsExactly("1:7 test.not_a_test name its test file, or the directory where that is");
        assertThat(problems("just a text")).hasSize(1).first().asString().contains("test.not_a_test");
        assertThat(PipelineCompiler.compile(
                                SourceText.of("a.yaml", HEAD),
                                CATALOG,
                                Environment.of(Map.of()),
                                new PipelineCompiler.Options(Optional.empty()))
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.remedy()).isEqualTo("run it with fisoctl test"));
    }

    private PipelineTest only(String tests) {
        PipelineTestCompiler.Result result = compile(HEAD + tests);
        assertThat(result.problems()).isEmpty();
        return result.tests().orElseThrow().tests().getFirst();
    }

    private List<String> problems(String text) {
        PipelineTestCompiler.Result result = compile(text);
        assertThat(result.tests()).isEmpty();
        return result.problems().stream()
                .map(p -> p.place().line() + ":" + p.place().column() + " " + p.code() + " " + p.remedy())
                .toList();
    }

    private PipelineTestCompiler.Result compile(String text) {
        return PipelineTestCompiler.compile(
                SourceText.of(directory.resolve("orders.test.yaml").toString(), text),
                CATALOG,
                Environment.of(Map.of()));
    }
}
