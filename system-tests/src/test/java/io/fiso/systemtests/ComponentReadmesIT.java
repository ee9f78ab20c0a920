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
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What each component's README tells its reader to try: its pipeline, by its commands. Brokers and endpoints that it starts with {@code fisoctl dev} and
 * {@code fisoctl broker} are the tests' own, on ports that nobody else has.
 */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class ComponentReadmesIT {
    private static final Pattern YAML = Pattern.compile("```yaml\n(apiVersion: .*?)```", Pattern.DOTALL);
    private static final Pattern COMMANDS = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

    private static final String RECORD = "{\"legacy_id\": \"README-1\"}";

    static Stream<String> components() throws IOException {
        try (Stream<Path> folders = Files.list(Distribution.home().resolve("components"))) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("components")
    void worksAsItTells(String component, Sandbox sandbox) throws Exception {
        String readme = Files.readString(
                Distribution.home().resolve("components").resolve(component).resolve("README.md"));
        String pipeline = onlyMatch(YAML, readme);
        List<String> commands = onlyMatch(COMMANDS, readme)
                .lines()
                .map(line -> line.replaceFirst(" +#.*", ""))
                .toList();
        assertThat(commands).contains("fisoctl run pipeline.yaml");

        try (HttpStub endpoint = HttpStub.start()) {
            if (pipeline.contains("localhost:9092")) {
                pipeline =
                        pipeline.replace("localhost:9092", KafkaBroker.shared().bootstrapServers());
            }
            sandbox.write(
                    "pipeline.yaml",
                    pipeline.replaceAll("http://localhost:3000/[^\"]*", Matcher.quoteReplacement(endpoint.url())));
            for (String command : commands) {
                if (command.equals("fisoctl broker &")) {
                    BrokerProcess.start(sandbox, sandbox.stateHome().resolve("broker"));
                } else if (command.startsWith("fisoctl dev ")) {
                    continue;
                } else if (!command.startsWith("fisoctl ")) {
                    assertThat(shell(sandbox, command)).as(command).isZero();
                } else if (!command.equals("fisoctl run pipeline.yaml")) {
                    sandbox.succeed(words(command));
                } else if (component.equals("kafka-source")) {
                    shows(
                            "README-1",
                            sandbox,
                            () -> KafkaBroker.shared()
                                    .send(List.of(new ProducerRecord<>("orders", KafkaBroker.bytes(RECORD)))));
                } else if (component.equals("queue-source")) {
                    shows("README-1", sandbox, () -> {});
                } else {
                    FisoctlProcess run =
                            sandbox.succeed("run", "pipeline.yaml", "--grpc-port", "0", "--http-port", "0");
                    assertThat(run.out() + run.err()).contains("COMPLETED").doesNotContain("dead-lettered");
                    if (component.equals("stream-source")) {
                        assertThat(run.out()).contains("README-1");
                    }
                }
            }
            if (component.equals("http-sink")) {
                assertThat(endpoint.accepted()).hasSize(5);
            }
        }
    }

    /** What a shell makes of a command without spaces in quotes, but for the program. */
    private static Object[] words(String command) {
        return Stream.of(command.split(" +"))
                .skip(1)
                .map(word -> word.replaceAll("^'|'$", ""))
                .toArray();
    }

    /** Gives a pipeline something to read. */
    @FunctionalInterface
    private interface Producing {
        void produce() throws Exception;
    }

    /** A pipeline without an end: it shows a record that comes in, and drains. */
    private static void shows(String text, Sandbox sandbox, Producing producing) throws Exception {
        FisoctlProcess run = sandbox.start("run", "pipeline.yaml", "--grpc-port", "0", "--http-port", "0");
        // Nobody may have made the topic yet, so it need not be RUNNING.
        run.awaitText("ready after", Sandbox.PATIENCE);
        producing.produce();
        run.awaitText(text, Sandbox.PATIENCE);
        run.controlC();
        run.expectExit(0, Duration.ofSeconds(40));
    }

    private static int shell(Sandbox sandbox, String command) throws Exception {
        return new ProcessBuilder("sh", "-c", command)
                .directory(sandbox.directory().toFile())
                .inheritIO()
                .start()
                .waitFor();
    }

    private static String onlyMatch(Pattern pattern, String text) {
        List<String> found =
                pattern.matcher(text).results().map(match -> match.group(1)).toList();
        assertThat(found).as("blocks like " + pattern).hasSize(1);
        return found.getFirst();
    }
}
