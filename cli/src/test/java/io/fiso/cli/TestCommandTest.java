// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What needs no run; runs are tried with the distribution. */
class TestCommandTest {
    private static final String TEST = """
            apiVersion: fiso.io/v1alpha1
            kind: PipelineTest
            pipeline: orders.yaml
            tests:
              - {name: one, given: {orders: []}, expect: {out: []}}
            """;

    @TempDir
    Path directory;

    private RecordedHost host;

    @BeforeEach
    void bringThePipeline() throws IOException {
        host = new RecordedHost(directory);
        for (String name : List.of("generator-source", "null-sink")) {
            Path component = directory.resolve("components").resolve(name);
            Files.createDirectories(component);
            Files.copy(Path.of("..", "components", name, "component.yaml"), component.resolve("component.yaml"));
        }
        Files.writeString(directory.resolve("orders.yaml"), """
                apiVersion: fiso.io/v1alpha1
                kind: Pipeline
                metadata: {name: orders}
                spec:
                  sources: [{id: orders, type: generator-source}]
                  sinks: [{id: out, type: null-sink, inputs: [orders]}]
                """);
    }

    @Test
    void reportsTheMistakesOfAllFilesAndRunsNone() throws IOException {
        Path a = Files.writeString(directory.resolve("a.test.yaml"), TEST.replace("expect", "expct"));
        Files.writeString(directory.resolve("b.test.yaml"), TEST.replace("out", "aut"));
        Files.writeString(directory.resolve("c.test.yaml"), TEST);

        assertThat(host.run("test", directory.toString())).isEqualTo(2);

        assertThat(host.out()).isEmpty();
        assertThat(host.err())
                .contains(a + ":5:38: error: an item of tests has no key \"expct\" [config.unknown_key]")
                .contains("did you mean \"expect\"?")
                .contains("the pipeline \"orders\" has no sink \"aut\" [test.unknown_component]")
                .endsWith("error[test.invalid]: 3 test files have 3 mistakes\n");
    }

    @Test
    void saysWhenNoTestIsMeant() throws IOException {
        Files.writeString(directory.resolve("a.test.yaml"), TEST);

        assertThat(host.run("test", directory.toString(), "--filter", "two")).isEqualTo(2);
        assertThat(host.err()).contains("error[test.none]: no test has \"two\" in its name");
        assertThat(host.run("test", directory.resolve("components").toString())).isEqualTo(2);
        assertThat(host.err()).contains("error[test.no_files]");
        assertThat(host.run("test", directory.resolve("b.test.yaml").toString()))
                .isEqualTo(2);
        assertThat(host.err()).contains("did you mean \"a.test.yaml\"?");
    }
}
