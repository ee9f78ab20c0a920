// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.DriverException;
import io.fiso.driver.LaunchSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerPlanTest {
    private static final DockerDriverConfig CONFIG = DockerDriverConfig.of("1.2.3");

    @TempDir
    Path directory;

    private LaunchSpec spec(LaunchSpec.Launch launch, Map<String, String> contract, LaunchSpec.Resources resources) {
        return new LaunchSpec(
                "orders",
                "r1",
                "sink",
                2,
                "0123456789abcdef",
                launch,
                contract,
                Map.of("COLOUR", "blue", "FISO_REPLICA", "9"),
                directory,
                directory.resolve("config.json"),
                Optional.empty(),
                new LaunchSpec.OutputFiles(directory.resolve("sink-2.log"), directory.resolve("sink-2.out")),
                resources);
    }

    private ContainerPlan plan(LaunchSpec.Launch launch) throws DriverException {
        return ContainerPlan.of(spec(launch, Map.of(), LaunchSpec.Resources.UNLIMITED), CONFIG);
    }

    private static LaunchSpec.Launch image() {
        return new LaunchSpec.Launch.Image("acme/sink:7", List.of("--fast"));
    }

    @Test
    void isNamedForPeopleAndLabelledForPrograms() throws Exception {
        ContainerPlan plan = plan(image());

        assertThat(plan.name()).isEqualTo("fiso-orders-sink-2-01234567");
        assertThat(plan.hostName()).isEqualTo("sink-2");
        assertThat(plan.aliases()).containsExactly("sink-2", "sink-2.orders");
        assertThat(plan.labels())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "io.fiso.pipeline", "orders",
                        "io.fiso.run", "r1",
                        "io.fiso.component", "sink",
                        "io.fiso.replica", "2",
                        "io.fiso.mark", "0123456789abcdef"));
    }

    @Test
    void runsAnImageWithItsArguments() throws Exception {
        ContainerPlan plan = plan(image());

        assertThat(plan.image()).isEqualTo("acme/sink:7");
        assertThat(plan.entrypoint()).isEmpty();
        assertThat(plan.args()).containsExactly("--fast");
    }

    @Test
    void runsAComponentOfTheDistributionFromTheImageOfItsType() throws Exception {
        ContainerPlan plan =
                plan(new LaunchSpec.Launch.Java("http-sink", Path.of("x/http-sink.jar"), List.of("-Xmx1g"), List.of()));

        assertThat(plan.image()).isEqualTo("fiso/http-sink:1.2.3");
    }

    @Test
    void refusesACommandUnlessThereIsAnImageForCommands() throws Exception {
        LaunchSpec.Launch command = new LaunchSpec.Launch.Command(List.of("./tool", "-v"), directory);

        assertThatThrownBy(() -> plan(command))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("component \"sink\" has a command, \"./tool\"")
                .hasMessageContaining("--driver process");

        ContainerPlan plan = ContainerPlan.of(
                spec(command, Map.of(), LaunchSpec.Resources.UNLIMITED),
                new DockerDriverConfig(Optional.empty(), "n", "fiso/", "1", Optional.of("acme/shell")));
        assertThat(plan.image()).isEqualTo("acme/shell");
        assertThat(plan.entrypoint()).containsExactly("./tool", "-v");
        assertThat(plan.workingDirectory()).contains("/opt/fiso/command");
        assertThat(plan.mounts()).contains(new ContainerPlan.Mounted(directory, "/opt/fiso/command", true));
    }

    @Test
    void rewritesTheVariablesThatNameFilesToWhereTheFilesAreInside() throws Exception {
        Path home = Files.createDirectory(directory.resolve("home"));
        Map<String, String> contract = Map.of(
                "FISO_STATE_DIR", directory.toString(),
                "FISO_CONFIG_FILE", directory.resolve("config.json").toString(),
                "FISO_CONTROL_FILE", home.resolve("control.json").toString(),
                "FISO_REPLICA", "2");

        ContainerPlan plan = ContainerPlan.of(spec(image(), contract, LaunchSpec.Resources.UNLIMITED), CONFIG);

        assertThat(plan.environment())
                .containsExactlyInAnyOrder(
                        "COLOUR=blue",
                        "FISO_REPLICA=2",
                        "FISO_STATE_DIR=/var/lib/fiso/state",
                        "FISO_CONFIG_FILE=/etc/fiso/component.json",
                        "FISO_CONTROL_FILE=/run/fiso/control/control.json");
        assertThat(plan.mounts())
                .containsExactly(
                        new ContainerPlan.Mounted(directory, "/var/lib/fiso/state", false),
                        new ContainerPlan.Mounted(directory.resolve("config.json"), "/etc/fiso/component.json", true),
                        new ContainerPlan.Mounted(home, "/run/fiso/control", true));
    }

    @Test
    void turnsResourcesIntoLimitsAndBelongsToWhomItsStateBelongsTo() throws Exception {
        ContainerPlan plan = ContainerPlan.of(
                spec(image(), Map.of(), new LaunchSpec.Resources(Optional.of("0.5"), Optional.of("256m"))), CONFIG);

        assertThat(plan.cpuNanos()).contains(500_000_000L);
        assertThat(plan.memoryBytes()).contains(256L << 20);
        assertThat(plan.user())
                .contains(Files.getAttribute(directory, "unix:uid") + ":" + Files.getAttribute(directory, "unix:gid"));
    }
}
