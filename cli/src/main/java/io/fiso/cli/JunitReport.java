// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Reports in the XML format that build servers read: a suite for each file, a case for each test. */
final class JunitReport {
    private JunitReport() {}

    static void write(Path file, List<TestReport> reports) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        Files.writeString(file, xml(reports), StandardCharsets.UTF_8);
    }

    static String xml(List<TestReport> reports) {
        Map<String, List<TestReport>> suites = reports.stream()
                .collect(
                        Collectors.groupingBy(report -> report.file().file(), LinkedHashMap::new, Collectors.toList()));
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
        suites.forEach((file, tests) -> {
            xml.append("  <testsuite name=\"")
                    .append(escaped(file))
                    .append("\" tests=\"")
                    .append(tests.size());
            xml.append("\" failures=\"")
                    .append(tests.stream().filter(test -> !test.passed()).count());
            xml.append("\" errors=\"0\" skipped=\"0\" time=\"")
                    .append(seconds(tests))
                    .append("\">\n");
            tests.forEach(test -> testCase(xml, file, test));
            xml.append("  </testsuite>\n");
        });
        return xml.append("</testsuites>\n").toString();
    }

    private static void testCase(StringBuilder xml, String file, TestReport report) {
        xml.append("    <testcase classname=\"").append(escaped(file)).append("\" name=\"");
        xml.append(escaped(report.test().name())).append("\" time=\"").append(seconds(List.of(report)));
        if (report.passed()) {
            xml.append("\"/>\n");
            return;
        }
        String first = report.findings().lines().findFirst().orElse("");
        xml.append("\">\n      <failure message=\"").append(escaped(first)).append("\">");
        xml.append(escaped(report.findings())).append("</failure>\n    </testcase>\n");
    }

    private static String seconds(List<TestReport> reports) {
        long millis = reports.stream()
                .mapToLong(report -> report.outcome().took().toMillis())
                .sum();
        return String.format(Locale.ROOT, "%.3f", millis / 1000.0);
    }

    /** Characters that XML cannot hold become U+FFFD. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\n' -> escaped.append("&#10;");
                default -> {
                    boolean allowed =
                            c == '\t' || c >= 0x20 && c <= 0xD7FF || c >= 0xE000 && c <= 0xFFFD || c >= 0x10000;
                    escaped.appendCodePoint(allowed ? c : 0xFFFD);
                }
            }
        });
        return escaped.toString();
    }
}
