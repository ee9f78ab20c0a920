// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.cli.output.Style;
import io.fiso.pipeline.PipelineTest;
import io.fiso.pipeline.PipelineTests;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.pipeline.SourceText;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestReportTest {
    private static final TestReport PASSED = report("all is well", List.of());
    private static final TestReport FAILED = report(
            "a & b <c>", List.of(new Finding(7, "expected \"1\"\u0007"), new Finding(9, "the run failed:\nwhy")));

    @Test
    void aTestThatPassedIsALine() {
        assertThat(PASSED.text(Style.PLAIN)).isEqualTo("  ✓ all is well  1.2 s");
    }

    @Test
    void belowATestThatFailedStandsWhere() {
        assertThat(FAILED.text(Style.PLAIN).lines())
                .containsExactly(
                        "  ✗ a & b <c>  1.2 s",
                        "      dir/orders.test.yaml:7: expected \"1\"\u0007",
                        "      dir/orders.test.yaml:9: the run failed:",
                        "        why");
    }

    @Test
    void theReportForBuildServersIsXml() throws Exception {
        String xml = JunitReport.xml(List.of(PASSED, FAILED));

        var document = javax.xml.parsers.DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new org.xml.sax.InputSource(new java.io.StringReader(xml)));
        var suite =
                (org.w3c.dom.Element) document.getElementsByTagName("testsuite").item(0);
        assertThat(suite.getAttribute("tests")).isEqualTo("2");
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        assertThat(suite.getAttribute("time")).isEqualTo("2.468");
        var cases = document.getElementsByTagName("testcase");
        assertThat(((org.w3c.dom.Element) cases.item(1)).getAttribute("name")).isEqualTo("a & b <c>");
        assertThat(document.getElementsByTagName("failure").item(0).getTextContent())
                .isEqualTo(
                        "dir/orders.test.yaml:7: expected \"1\"\uFFFD\ndir/orders.test.yaml:9: the run failed:\n  why");
    }

    private static TestReport report(String name, List<Finding> findings) {
        var pipeline = new ResolvedPipeline("orders", "process", List.of(), List.of(), Duration.ofSeconds(1), "");
        var test = new PipelineTest(
                name, 5, Duration.ofSeconds(1), Map.of(), Map.of(), Map.of(), List.of(), 5, Optional.empty());
        return new TestReport(
                new PipelineTests(
                        "dir/orders.test.yaml", SourceText.of("dir/orders.yaml", ""), pipeline, List.of(test)),
                test,
                new TestRun.Outcome(Duration.ofMillis(1234), findings, false));
    }
}
