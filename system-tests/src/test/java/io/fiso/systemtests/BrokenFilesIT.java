// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** A file with mistakes: all of them at once, each with its place, and nothing is started. */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class BrokenFilesIT {
    private static final String BROKEN = """
            apiVersion: fiso.io/v1alpha1
            kind: Pipeline
            metadata: {name: broken}
            spec:
              sources:
                - id: orders
                  type: kafka-sorce
                  config: {topic: orders}
                - id: made
                  type: generator-source
                  config: {count: many}
              processors:
                - id: normalize
                  type: cel-processor
                  inputs: [odrers]
                  config:
                    fields:
                      total: data.price *
              sinks:
                - id: made
                  type: null-sink
                  inputs: [normalize]
                  paralelism: 4
            """;

    @Test
    void everyMistakeIsReportedAtOnceWithItsPlace(Sandbox sandbox) throws Exception {
        Path file = sandbox.write("broken.yaml", BROKEN);

        FisoctlProcess validate = sandbox.end(2, "validate", file);

        assertThat(validate.err() + validate.out())
                .contains("broken.yaml:7:") // an unknown type
                .contains("broken.yaml:11:") // a value of the wrong type
                .contains("broken.yaml:15:") // an input that nobody is
                .contains("broken.yaml:18:") // an expression that does not compile
                .contains("broken.yaml:20:") // an id given twice
                .contains("broken.yaml:23:") // an unknown key
                .contains("kafka-source")
                .contains("parallelism")
                .doesNotContain("\tat ");
    }

    @Test
    void programsGetTheSameAsData(Sandbox sandbox) throws Exception {
        Path file = sandbox.write("broken.yaml", BROKEN);

        JsonNode envelope = sandbox.end(2, "validate", file, "-o", "json").envelope();

        assertThat(envelope.get("ok").asBoolean()).isFalse();
        List<Integer> lines = StreamSupport.stream(
                        envelope.get("error").get("problems").spliterator(), false)
                .map(problem -> problem.get("line").asInt())
                .toList();
        assertThat(lines).contains(7, 11, 15, 18, 20, 23);
    }

    @Test
    void runRefusesItToo(Sandbox sandbox) throws Exception {
        Path file = sandbox.write("broken.yaml", BROKEN);

        FisoctlProcess run = sandbox.end(2, "run", file, "--grpc-port", "0", "--http-port", "0");

        assertThat(run.err()).contains("broken.yaml:7:").contains("broken.yaml:23:");
        assertThat(sandbox.components()).isEmpty();
    }

    @Test
    void nonsenseIsAnErrorAndNeverAStackTrace(Sandbox sandbox) throws Exception {
        Path noYaml = sandbox.write("no.yaml", "{ [ this: is\n\t- not yaml");
        Path empty = sandbox.write("empty.yaml", "");
        Path cycle = sandbox.write(
                "cycle.yaml",
                PipelineFile.named("cycle")
                        .source("made", "generator-source", "{count: 1}")
                        .processor("a", "pass-through-processor", "{}", "made", "b")
                        .processor("b", "pass-through-processor", "{}", "a")
                        .sink("gone", "null-sink", "{}", "b")
                        .yaml());
        for (Object[] words : List.of(
                new Object[] {"validate", noYaml},
                new Object[] {"validate", empty},
                new Object[] {"validate", cycle},
                new Object[] {"validate", sandbox.directory().resolve("missing.yaml")},
                new Object[] {"validate", sandbox.directory()},
                new Object[] {"run", "--no-such-option"},
                new Object[] {"rum", noYaml},
                new Object[] {"produce", "--topic"},
                new Object[] {"transform", "test", "--flow", noYaml, "--input", "{"})) {
            FisoctlProcess process = sandbox.end(2, words);
            assertThat(process.err())
                    .as(process::toString)
                    .isNotBlank()
                    .doesNotContain("\tat ")
                    .doesNotContain("Exception");
        }
    }
}
