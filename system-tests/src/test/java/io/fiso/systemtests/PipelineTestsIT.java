// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** {@code fisoctl test}, as somebody uses it who has written tests for a pipeline. */
@Timeout(400)
@ExtendWith(Sandbox.Extension.class)
class PipelineTestsIT {
    private static final String PIPELINE = """
            apiVersion: fiso.io/v1alpha1
            kind: Pipeline
            metadata: {name: orders}
            spec:
              sources:
                - {id: orders, type: kafka-source, config: {brokers: "${BROKERS}", topic: orders}}
              processors:
                - {id: totals, type: cel-processor, inputs: [orders], config: {fields: {id: data.id, total: data.price * data.quantity}}}
              sinks:
                - {id: callback, type: http-sink, inputs: [totals], config: {url: "http://127.0.0.1:9/"}}
              errorHandling: {maxRetries: 2, initialInterval: 1m, maxInterval: 5m}
            """;

    private static final String HEAD = """
            apiVersion: fiso.io/v1alpha1
            kind: PipelineTest
            pipeline: orders.yaml
            env: {BROKERS: "nowhere:1"}
            tests:
            """;

    /** What the page on tests shows works as it stands there. */
    @Test
    void theDocumentedExampleHolds(Sandbox sandbox) throws Exception {
        String page = Files.readString(Distribution.sources().resolve("docs/testing-pipelines.md"));
        sandbox.write("orders.yaml", shown(page, "example-pipeline"));
        sandbox.write("orders.test.yaml", shown(page, "example-test"));

        FisoctlProcess test = test(sandbox, 0);

        assertThat(withoutTimes(test.out())).isEqualTo("""
                orders.test.yaml
                  ✓ an order gets its total, and only a large one raises the alarm  …
                  ✓ an order whose customer is unknown is a dead letter  …
                  ✓ an endpoint that is busy is asked again, one that stays away is given up  …
                ✓ 3 tests passed in …
                """);
        assertThat(test.err()).isEmpty();
        expectNothingLeft(sandbox);
    }

    @Test
    void aTestThatFailsSaysWhereAndWhy(Sandbox sandbox) throws Exception {
        sandbox.write("orders.yaml", PIPELINE);
        sandbox.write("deep/orders.test.yaml", HEAD.replace("orders.yaml", "../orders.yaml") + """
                  - name: wrong total
                    given:
                      orders: [{data: {id: A-1, price: 10.5, quantity: 3}}]
                    expect:
                      callback:
                        - data: {id: A-1, total: 32}
                  - name: unexpected letter
                    given:
                      orders: [{data: {id: A-1, quantity: 3}}, {data: {id: A-2, price: 2, quantity: 3}}]
                    expect:
                      callback:
                        - data: {id: A-1}
                        - data: {id: A-2}
                  - name: wrong letter
                    given:
                      orders: [{key: k, data: {id: A-1, price: 1, quantity: 3}}]
                    stubs:
                      callback: {fail: {code: 404, message: gone}}
                    deadLetters:
                      - {component: callback, code: 410, attempts: 1}
                  - name: passes
                    given: {orders: []}
                    expect: {callback: []}
                """);

        FisoctlProcess test = test(sandbox, 1, "--junit", "report.xml");

        assertThat(withoutTimes(test.out()).lines())
                .containsExactly(
                        "deep/orders.test.yaml",
                        "  ✗ wrong total  …",
                        "      deep/orders.test.yaml:11: sink \"callback\", event 1: at /data/total: expected 32, found 31.5",
                        "  ✗ unexpected letter  …",
                        "      deep/orders.test.yaml:12: dead letter not expected: event orders-1 failed in \"totals\" with TRANSFORM_FAILED: field \"total\": there is no \"price\"; has(...) tells, and .? goes around it",
                        "      deep/orders.test.yaml:17: sink \"callback\", event 1: expected {\"id\":\"A-1\"}, and nothing more arrived",
                        "  ✗ wrong letter  …",
                        "      deep/orders.test.yaml:25: dead letter 1: expected code 410, found 404",
                        "  ✓ passes  …");
        assertThat(withoutTimes(test.err())).isEqualTo("error[test.failed]: 3 of 4 tests failed in …\n");
        assertThat(Files.readString(sandbox.directory().resolve("report.xml")))
                .contains("<testsuite name=\"deep/orders.test.yaml\" tests=\"4\" failures=\"3\"")
                .contains("expected 32, found 31.5</failure>");
        expectNothingLeft(sandbox);
    }

    @Test
    void programsGetTheEnvelope(Sandbox sandbox) throws Exception {
        sandbox.write("orders.yaml", PIPELINE);
        sandbox.write("orders.test.yaml", HEAD + """
                  - name: left out
                    given: {orders: []}
                    expect: {callback: [{data: 1}]}
                  - name: a failing sink is asked again, and what it never takes is a dead letter
                    given:
                      orders:
                        - {key: a, data: {id: A-1, price: 1, quantity: 1}}
                        - {key: a, data: {id: A-2, price: 1, quantity: 2}}
                        - {key: a, data: {id: A-3, price: 1, quantity: 3}}
                    stubs:
                      callback: {fail: [{match: {data: {id: A-1}}, code: 503, times: 2}, {match: {data: {id: A-2}}, code: 500}]}
                    expect: {callback: [{data: {id: A-1}}, {data: {id: A-3}}]}
                    deadLetters: [{code: 500, attempts: 3, data: {id: A-2}}]
                """);

        JsonNode envelope =
                test(sandbox, 0, "--filter", "FAILING sink", "-o", "json").envelope();

        assertThat(envelope.path("summary").asString()).startsWith("1 test passed in ");
        JsonNode result = envelope.path("result");
        assertThat(result.path("passed").asInt()).isEqualTo(1);
        assertThat(result.path("failed").asInt()).isZero();
        JsonNode only = result.path("tests").path(0);
        assertThat(only.path("file").asString()).isEqualTo("orders.test.yaml");
        assertThat(only.path("pipeline").asString()).isEqualTo("orders.yaml");
        assertThat(only.path("line").asInt()).isEqualTo(9);
        assertThat(only.path("passed").asBoolean()).isTrue();
        assertThat(only.path("findings").isEmpty()).isTrue();
    }

    @Test
    void aRunThatFailsIsAFindingUnlessItIsExpected(Sandbox sandbox) throws Exception {
        sandbox.write("orders.yaml", PIPELINE.replace("errorHandling: {", "errorHandling: {onFailure: fail, "));
        sandbox.write(
                "broken.yaml",
                PIPELINE.replace("type: cel-processor, ", "command: [sh, -c, 'echo no luck >&2; exit 3'], ")
                        .replaceAll(", config: \\{fields.*", "}"));
        String refused = """
                  - name: refused
                    given: {orders: [{data: {id: A-1, price: 1, quantity: 1}}]}
                    stubs: {callback: {fail: {code: 422, message: not this one}}}
                """;
        sandbox.write("a.test.yaml", HEAD + refused + "    runFails: {component: callback, message: not this one}\n");
        sandbox.write("b.test.yaml", HEAD.replace("orders.yaml", "broken.yaml") + """
                  - name: broken
                    given: {orders: [{data: 1}]}
                    expect: {callback: []}
                """);

        FisoctlProcess test = test(sandbox, 1);

        assertThat(withoutTimes(test.out()).lines())
                .containsExactly(
                        "a.test.yaml",
                        "  ✓ refused  …",
                        "b.test.yaml",
                        "  ✗ broken  …",
                        "      b.test.yaml:6: the run failed: \"totals\": exited with code 3: no luck [component.ended]",
                        "        its last lines on stderr:",
                        "          no luck");
        expectNothingLeft(sandbox);
    }

    @Test
    void whatDoesNotSettleInTimeFailsAndSaysWhereItWaits(Sandbox sandbox) throws Exception {
        sandbox.write("orders.yaml", PIPELINE.replace("errorHandling: {", "errorHandling: {onFailure: hold, "));
        sandbox.write("orders.test.yaml", HEAD + """
                  - name: held
                    timeout: 15s
                    given: {orders: [{key: c-1, data: {id: A-1, price: 1, quantity: 1}}]}
                    stubs: {callback: {fail: {code: 422}}}
                    expect: {callback: []}
                """);

        FisoctlProcess test = test(sandbox, 1);

        assertThat(test.out())
                .contains("orders.test.yaml:6: not settled after 15.0 s:\n")
                .contains("\n          1 event not settled on orders->totals\n")
                .contains("\n          1 event not settled on totals->callback\n");
        expectNothingLeft(sandbox);
    }

    @Test
    void ctrlCEndsItAndEverythingItStarted(Sandbox sandbox) throws Exception {
        sandbox.write("orders.yaml", PIPELINE.replace("errorHandling: {", "errorHandling: {onFailure: hold, "));
        sandbox.write("orders.test.yaml", HEAD + """
                  - {name: first, given: {orders: []}, expect: {callback: []}}
                  - name: held
                    timeout: 10m
                    given: {orders: [{data: {id: A-1, price: 1, quantity: 1}}]}
                    stubs: {callback: {fail: {code: 422}}}
                    expect: {callback: []}
                  - {name: last, given: {orders: []}, expect: {callback: []}}
                """);
        FisoctlProcess test = start(sandbox);
        test.awaitText("first", Sandbox.PATIENCE);
        Eventually.until(
                Sandbox.PATIENCE,
                () -> components(sandbox).size() == 3,
                () -> "the second run has not started: " + components(sandbox));

        test.controlC();
        test.expectExit(130, Sandbox.PATIENCE);

        assertThat(test.err())
                .contains("error[test.interrupted]: stopped by a signal; 2 of 3 tests did not run to the end");
        expectNothingLeft(sandbox);
    }

    private static FisoctlProcess test(Sandbox sandbox, int exit, Object... more) throws Exception {
        return start(sandbox, more).expectExit(exit, Duration.ofSeconds(150));
    }

    /** Its runs lie below this user's own temporary directory, so that nobody else's are taken for them. */
    private static FisoctlProcess start(Sandbox sandbox, Object... more) throws IOException {
        Path temporary = Files.createDirectories(temporary(sandbox));
        sandbox.with("FISO_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary);
        return sandbox.start(Stream.concat(Stream.of("test"), Stream.of(more)).toArray());
    }

    private static Path temporary(Sandbox sandbox) {
        return sandbox.directory().resolve("tmp");
    }

    private static List<ComponentProcess> components(Sandbox sandbox) {
        return ComponentProcess.under(temporary(sandbox));
    }

    private static void expectNothingLeft(Sandbox sandbox) throws Exception {
        Eventually.until(
                Sandbox.PATIENCE, () -> components(sandbox).isEmpty(), () -> "left behind: " + components(sandbox));
        try (Stream<Path> files = Files.list(temporary(sandbox))) {
            assertThat(files.filter(file -> file.getFileName().toString().startsWith("fiso-test-")))
                    .isEmpty();
        }
        assertThat(sandbox.stateHome()).doesNotExist();
    }

    private static String withoutTimes(String text) {
        return text.replaceAll("(?m)[0-9.]+ m?s$", "…");
    }

    private static String shown(String page, String mark) {
        Matcher block = Pattern.compile("<!-- " + mark + " -->\\s*```yaml\\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        assertThat(block.find()).as("the page shows " + mark).isTrue();
        return block.group(1);
    }
}
