// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The component that the README shows, as it stands there. */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class CustomComponentIT {
    private static final Pattern SHOWN =
            Pattern.compile("<!-- custom-component -->\\s*```java\\n(.*?)```\\s*```yaml\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern COMMAND = Pattern.compile("command: (\\[.*])");
    private static final int LINES_MAX = 15;
    private static final int EVENTS = 200;

    @Test
    void runsAsTheReadmeShowsIt(Sandbox sandbox) throws Exception {
        Matcher shown = SHOWN.matcher(Files.readString(Distribution.sources().resolve("README.md")));
        assertThat(shown.find()).as("the README shows a custom component").isTrue();
        String java = shown.group(1);
        Matcher command = COMMAND.matcher(shown.group(2));
        assertThat(command.find()).as("the README shows how to run it").isTrue();
        assertThat(java.strip().lines()).hasSizeLessThanOrEqualTo(LINES_MAX);
        sandbox.write("Shout.java", java);
        Path kept = sandbox.directory().resolve("kept.jsonl");
        PipelineFile pipeline = PipelineFile.named("custom")
                .source("orders", "generator-source", "{count: " + EVENTS + "}")
                .command("shout", command.group(1), "orders")
                .sink("kept", "file-sink", "{path: \"" + kept + "\"}", "shout");

        RunReport report = sandbox.complete(pipeline);

        assertThat(report.delivered()).isEqualTo(EVENTS);
        List<JsonNode> events = Files.readAllLines(kept).stream()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
        assertThat(events).hasSize(EVENTS);
        assertThat(events)
                .allSatisfy(event -> assertThat(event.get("data").has("LEGACY_ID"))
                        .as("%s", event)
                        .isTrue());
    }

    @Test
    void compilesAgainstTheDistribution(Sandbox sandbox) throws Exception {
        Matcher shown = SHOWN.matcher(Files.readString(Distribution.sources().resolve("README.md")));
        assertThat(shown.find()).isTrue();
        Path source = sandbox.write("Shout.java", shown.group(1));

        Process javac = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/javac").toString(),
                        "-cp",
                        Distribution.home().resolve("lib") + "/*",
                        "-d",
                        sandbox.directory().toString(),
                        source.toString())
                .redirectErrorStream(true)
                .start();

        String output = new String(javac.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(javac.waitFor()).as(output).isZero();
    }
}
