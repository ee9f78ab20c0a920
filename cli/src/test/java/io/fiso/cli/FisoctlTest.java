// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.client.RunningBroker;
import io.fiso.cli.output.Format;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FisoctlTest {
    @TempDir
    Path directory;

    private RecordedHost host;

    @BeforeEach
    void fresh() {
        host = new RecordedHost(directory);
    }

    @Test
    void answersInOneEnvelope() {
        int exit = host.run("version", "-o", "json");

        assertThat(exit).isZero();
        assertThat(envelope()).containsOnlyKeys("command", "ok", "summary", "result", "error");
        assertThat(envelope())
                .containsEntry("command", "version")
                .containsEntry("ok", true)
                .containsEntry("error", null);
        assertThat(host.err()).isEmpty();
    }

    @Test
    void answersTheSameInYaml() {
        int exit = host.run("version", "-o", "yaml");

        assertThat(exit).isZero();
        assertThat(host.out()).startsWith("command: version\nok: true\n").contains("\nresult:\n  version: ");
    }

    @Test
    void auditsNothingWhereNothingRan() {
        assertThat(host.run("audit")).isZero();
        assertThat(host.out()).contains("nothing has run here yet");
        assertThat(new RecordedHost(directory).run("audit", "nobody", "-o", "json"))
                .isNotZero();
    }

    @Test
    void suggestsTheCommandThatWasMeant() {
        int exit = host.run("validte", "x.yaml");

        assertThat(exit).isEqualTo(2);
        assertThat(host.out()).isEmpty();
        assertThat(host.err())
                .contains("error[cli.usage]")
                .contains("'validte'")
                .contains("did you mean validate?");
    }

    @Test
    void suggestsTheSubcommandThatWasMeant() {
        int exit = host.run("pipelines", "run-inf");

        assertThat(exit).isEqualTo(2);
        assertThat(host.err()).contains("did you mean run-info");
    }

    @Test
    void suggestsTheOptionThatWasMeant() {
        int exit = host.run("run", "--drivr", "process", "x.yaml");

        assertThat(exit).isEqualTo(2);
        assertThat(host.err()).contains("--drivr").contains("did you mean --driver?");
    }

    @Test
    void refusesInJsonWhoeverAskedForJson() {
        int exit = host.run("status", "--nonsense", "-o", "json");

        assertThat(exit).isEqualTo(2);
        assertThat(envelope()).containsEntry("ok", false);
        assertThat(error()).containsEntry("code", "cli.usage").containsEntry("owner", "user");
        assertThat(host.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "validate",
                "plan",
                "export",
                "status",
                "pipelines",
                "components",
                "logs",
                "produce",
                "consume",
                "transform",
                "dev",
                "doctor",
                "broker",
                "stream",
                "queue",
                "kv",
                "schema",
                "completion",
                "version"
            })
    void helpNamesEveryCommandAndEachHelpsItself(String command) {
        assertThat(host.run("--help")).isZero();
        assertThat(host.out()).containsPattern("(?m)^  " + command + " ");

        assertThat(host.run(command, "--help")).isZero();
        assertThat(host.out()).contains("Usage: fisoctl " + command);
    }

    @Test
    void aGroupAloneSaysWhatIsBelow() {
        assertThat(host.run("pipelines")).isEqualTo(2);
        assertThat(host.err()).contains("list, runs, run-info, active, stop, pause or resume");
    }

    @Test
    void aMissingFileIsInvalidInputAndTheNearestIsNamed() throws Exception {
        Files.writeString(directory.resolve("orders.yaml"), "");

        int exit = host.run("validate", directory.resolve("ordrs.yaml").toString());

        assertThat(exit).isEqualTo(2);
        assertThat(host.err()).contains("error[pipeline.no_file]").contains("did you mean \"orders.yaml\"?");
    }

    @Test
    void everyMistakeOfAFileIsShownAtOnceWithPlaceAndCaret() throws Exception {
        Path file = directory.resolve("broken.yaml");
        Files.writeString(file, """
                apiVersion: fiso.io/v1alpha1
                kind: Pipeline
                metadata: {name: broken}
                spec:
                  sources: [{id: a, type: no-such-source}]
                  sinks: [{id: z, type: no-such-sink, inputs: [b]}]
                """);

        int exit = host.run("validate", file.toString());

        assertThat(exit).isEqualTo(2);
        assertThat(host.err())
                .contains(file + ":5:")
                .contains(file + ":6:")
                .contains("no-such-source")
                .contains("no-such-sink")
                .contains("| " + " ".repeat(10))
                .contains("^")
                .contains("error[pipeline.invalid]");
        assertThat(host.out()).isEmpty();
    }

    @Test
    void runRefusesABrokenFileBeforeItStartsAnything() throws Exception {
        Path file = directory.resolve("broken.yaml");
        Files.writeString(file, "kind: Nothing\n");

        int exit = host.run("run", file.toString(), "-o", "json");

        assertThat(exit).isEqualTo(2);
        assertThat(error()).containsEntry("code", "pipeline.invalid");
        assertThat(directory.resolve("state")).doesNotExist();
    }

    @Test
    void statusAndDoctorSayWhereTheBrokerIs() throws Exception {
        assertThat(host.run("status", "-o", "json")).isZero();
        assertThat(envelope().get("result"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("broker", null);
        Path data = Files.createDirectories(directory.resolve("state/broker"));
        RunningBroker.here(8090, 8091, "a secret").write(data);
        String where = "127.0.0.1:8090, process " + ProcessHandle.current().pid() + ", data in " + data;

        assertThat(host.run("status")).isZero();
        host.run("doctor");

        assertThat(host.out()).contains("Broker at " + where).contains("broker: runs at " + where);
        assertThat(host.out()).doesNotContain("a secret");
    }

    @Test
    void statusNeedsNoFlagsAndNothingRunning() {
        assertThat(host.run("status")).isZero();
        assertThat(host.out()).startsWith("nothing runs");
    }

    @Test
    void anUnknownRunIsInvalidInput() {
        assertThat(host.run("pipelines", "run-info", "nobody")).isEqualTo(2);
        assertThat(host.err()).contains("error[run.not_found]").contains("\"nobody\"");
    }

    @Test
    void produceWantsExactlyOneThingToSend() {
        assertThat(host.run("produce", "--topic", "t")).isEqualTo(2);
        assertThat(host.run("produce", "--topic", "t", "--json", "1", "--file", "x"))
                .isEqualTo(2);
        assertThat(host.err()).contains("nothing to send").contains("both --json and --file");
    }

    @Test
    void anUnreachableBrokerIsTheEnvironmentsFault() {
        int exit = host.run("produce", "--topic", "t", "--json", "1", "--brokers", "127.0.0.1:1", "--timeout", "300ms");

        assertThat(exit).isEqualTo(3);
        assertThat(host.err())
                .contains("error[kafka.unreachable]")
                .contains("127.0.0.1:1")
                .contains("dev kafka");
    }

    @Test
    void aDurationThatIsNoneIsRefused() {
        assertThat(host.run("produce", "--topic", "t", "--json", "1", "--rate", "fast"))
                .isEqualTo(2);
        assertThat(host.err()).contains("\"fast\" is not a duration");
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> envelope() {
        return (Map<String, Object>) Format.parse(host.out());
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> error() {
        return (Map<String, Object>) envelope().get("error");
    }
}
