// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.pipeline.ComponentCatalog;
import io.fiso.pipeline.Environment;
import io.fiso.pipeline.PipelineTestCompiler;
import io.fiso.pipeline.PipelineTests;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedComponent.Launch;
import io.fiso.pipeline.ResolvedComponent.Restart;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.pipeline.SourceText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class StubbedPipelineTest {
    @TempDir
    Path directory;

    private final Path jar = Path.of("stubs.jar");

    @Test
    void endsAreStubsAndTheRestIsReal() throws IOException {
        ResolvedPipeline stubbed = stubbed("""
                    given: {orders: [{key: k, data: 1.50}]}
                    expect: {out: []}
                """);

        ResolvedComponent source = stubbed.component("orders");
        assertThat(source.launch())
                .isEqualTo(new Launch.Java(jar, List.of("-XX:TieredStopAtLevel=1"), List.of("source")));
        JsonNode events = config(source).path("config").path("events");
        assertThat(events.path(0).path("key").asString()).isEqualTo("k");
        assertThat(events.path(0).path("event").asString()).contains("\"data\":1.50");
        assertThat(source.env()).isEmpty();
        assertThat(source.replicas()).isEqualTo(1);
        ResolvedComponent sink = stubbed.component("out");
        assertThat(config(sink).path("config").path("record").asString())
                .isEqualTo(directory.resolve("out.jsonl").toString());
        assertThat(config(sink).path("inputs").path(0).asString()).isEqualTo("enrich->out");
        ResolvedComponent real = stubbed.component("enrich");
        assertThat(real.launch()).isInstanceOf(Launch.Command.class);
        assertThat(real.env()).containsEntry("A", "b");
        assertThat(real.replicas()).isEqualTo(2);
    }

    @Test
    void attemptsAreThoseOfThePipelineAndWaitsAreShort() throws IOException {
        ResolvedPipeline stubbed = stubbed("""
                    given: {orders: []}
                    expect: {out: []}
                """);

        for (ResolvedComponent component : stubbed.components()) {
            JsonNode handling = config(component).path("errorHandling");
            assertThat(handling.path("maxAttempts").asInt()).isEqualTo(8);
            assertThat(handling.path("maxInterval").asString()).isEqualTo("50ms");
            assertThat(component.restart().policy()).isEqualTo(Restart.Policy.NEVER);
        }
    }

    @Test
    void stubsDoWhatTheTestSays() throws IOException {
        ResolvedPipeline stubbed = stubbed("""
                    given: {orders: []}
                    stubs:
                      enrich: {emit: [{data: {a: 1}, type: new}]}
                      out: {fail: [{code: 503, times: 2, match: {data: 1}}, {code: BROKEN}, {permanent: true}, {permanent: false}]}
                    expect: {out: []}
                """);

        assertThat(config(stubbed.component("enrich")).path("config"))
                .hasToString(
                        "{\"pass\":false,\"emit\":[{\"attributes\":{\"type\":\"new\"},\"data\":\"{\\\"a\\\":1}\"}],\"fail\":[]}");
        JsonNode fail = config(stubbed.component("out")).path("config").path("fail");
        assertThat(fail.path(0))
                .hasToString(
                        "{\"match\":\"{\\\"data\\\":1}\",\"code\":\"503\",\"message\":\"failed by the test's stub\",\"times\":2}");
        assertThat(fail.path(1).path("kind").asString()).isEqualTo("unknown");
        assertThat(fail.path(2).path("kind").asString()).isEqualTo("permanent");
        assertThat(fail.path(3).path("kind").asString()).isEqualTo("transient");
    }

    private ResolvedPipeline stubbed(String test) throws IOException {
        Files.writeString(directory.resolve("p.yaml"), """
                apiVersion: fiso.io/v1alpha1
                kind: Pipeline
                metadata: {name: p}
                spec:
                  sources: [{id: orders, type: generator-source, env: {TOKEN: t}}]
                  processors: [{id: enrich, command: [./enrich], inputs: [orders], env: {A: b}, replicas: 2}]
                  sinks: [{id: out, type: null-sink, inputs: [enrich], replicas: 2}]
                  errorHandling: {maxRetries: 7, maxInterval: 5m}
                """);
        PipelineTestCompiler.Result result = PipelineTestCompiler.compile(
                SourceText.of(
                        directory.resolve("p.test.yaml").toString(),
                        "apiVersion: fiso.io/v1alpha1\nkind: PipelineTest\npipeline: p.yaml\ntests:\n  - name: t\n"
                                + test),
                ComponentCatalog.load(List.of(Path.of("..", "components"))),
                Environment.of(Map.of()));
        assertThat(result.problems()).isEmpty();
        PipelineTests tests = result.tests().orElseThrow();
        return new StubbedPipeline(jar, directory).of(tests, tests.tests().getFirst());
    }

    private static JsonNode config(ResolvedComponent component) {
        return JsonDifference.parse(component.runtimeConfig());
    }
}
