// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

/** The pipelines that people copy from. */
@Timeout(300)
@ExtendWith(Sandbox.Extension.class)
class ExamplesIT {
    private final Path examples = Distribution.sources().resolve("examples/pipelines");

    @Test
    void allAreValid(Sandbox sandbox) throws Exception {
        List<Object> words = new ArrayList<>(List.of("validate", "--strict"));
        try (Stream<Path> files = Files.list(examples)) {
            files.filter(file -> file.toString().endsWith(".yaml"))
                    .filter(file -> !file.toString().endsWith(".test.yaml"))
                    .forEach(words::add);
        }
        assertThat(words).hasSizeGreaterThan(3);

        sandbox.succeed(words.toArray());
    }

    @Test
    void theirTestsPass(Sandbox sandbox) throws Exception {
        FisoctlProcess tests = sandbox.succeed("test", examples);

        assertThat(tests.out())
                .contains("orders.test.yaml\n  ✓ ")
                .doesNotContain("✗")
                .contains("tests passed in ");
    }

    /** The README's main job, word for word but for the ports, which somebody may have taken. */
    @Test
    void theMainJobWorksAsTheReadmeTellsIt(Sandbox sandbox) throws Exception {
        KafkaBroker kafka = KafkaBroker.shared();
        FisoctlProcess echo = sandbox.start("dev", "http-echo", "--port", "0", "-o", "json");
        echo.awaitText("\n", Sandbox.PATIENCE);
        int port = JsonMapper.shared()
                .readTree(echo.outLines().getFirst())
                .get("port")
                .asInt();
        sandbox.with("FISO_KAFKA_BROKERS", kafka.bootstrapServers())
                .with("CALLBACK_URL", "http://localhost:" + port + "/callbacks/order-result");

        FisoctlProcess run =
                sandbox.start("run", examples.resolve("orders.yaml"), "--grpc-port", "0", "--http-port", "0");
        // Nobody may have made the topic yet, so it need not be RUNNING.
        run.awaitText("ready after", Sandbox.PATIENCE);
        String brokers = kafka.bootstrapServers();
        sandbox.succeed(
                "produce",
                "--brokers",
                brokers,
                "--topic",
                "orders",
                "--key",
                "c-1",
                "--json",
                "{\"legacy_id\": \"A-1\", \"order_status\": \"NEW\", \"price\": 10.5, \"quantity\": 3}");
        sandbox.succeed("produce", "--brokers", brokers, "--topic", "orders", "--json", "this is not JSON");

        echo.awaitText("31.5", Sandbox.PATIENCE);
        sandbox.awaitState("orders", "RUNNING");
        FisoctlProcess letter = sandbox.succeed(
                "consume",
                "--brokers",
                brokers,
                "--topic",
                "fiso-dlq-orders",
                "--from-beginning",
                "--max-messages",
                "1");
        assertThat(letter.out()).contains("this is not JSON");
        run.controlC();
        run.expectExit(0, Duration.ofSeconds(40));
        echo.signal("TERM");
        echo.expectExit(0, Sandbox.PATIENCE);
    }
}
