// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import io.fiso.driver.DriverException;
import io.fiso.driver.LaunchSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The container that a launch asks for. It is not known to an engine yet.
 *
 * @param name readable and unique
 * @param image what it runs
 * @param entrypoint what replaces the image's; empty if nothing does
 * @param args its arguments; empty leaves those of the image
 * @param workingDirectory where it is run; empty leaves that of the image
 * @param environment variables, each {@code NAME=value}
 * @param labels what is written on it
 * @param hostName its host name, and one of its names in the network
 * @param aliases its further names in the network
 * @param mounts what it sees of this machine
 * @param user {@code uid:gid}; empty leaves that of the image
 * @param memoryBytes its limit
 * @param cpuNanos its limit, in billionths of a processor
 */
record ContainerPlan(
        String name,
        String image,
        List<String> entrypoint,
        List<String> args,
        Optional<String> workingDirectory,
        List<String> environment,
        Map<String, String> labels,
        String hostName,
        List<String> aliases,
        List<Mounted> mounts,
        Optional<String> user,
        Optional<Long> memoryBytes,
        Optional<Long> cpuNanos) {
    /** Where the replica's own directory is found inside. */
    static final String STATE = "/var/lib/fiso/state";
    /** Where the config file is found inside. */
    static final String CONFIG = "/etc/fiso/component.json";
    /** Where the directory of the control file is found inside. */
    static final String CONTROL = "/run/fiso/control";
    /** Where the certificates of the launch are found inside. */
    static final String TLS = "/run/fiso/tls";
    /** Where a command's directory is found inside. */
    static final String COMMAND = "/opt/fiso/command";

    private static final String CONTROL_FILE = "FISO_CONTROL_FILE";
    private static final int MARK_SHOWN = 8;

    /** Something of this machine that is seen at a path inside. */
    record Mounted(Path source, String target, boolean readOnly) {}

    static ContainerPlan of(LaunchSpec spec, DockerDriverConfig config) throws DriverException {
        Program program = program(spec, config);
        List<Mounted> mounts = new ArrayList<>();
        mounts.add(new Mounted(spec.stateDirectory().toAbsolutePath(), STATE, false));
        mounts.add(new Mounted(spec.configFile().toAbsolutePath(), CONFIG, true));
        control(spec).ifPresent(mounts::add);
        spec.tlsDirectory().ifPresent(directory -> mounts.add(new Mounted(directory.toAbsolutePath(), TLS, true)));
        program.directory().ifPresent(directory -> mounts.add(new Mounted(directory, COMMAND, true)));
        Optional<Long> memory = Optional.empty();
        if (spec.resources().memory().isPresent()) {
            memory =
                    Optional.of(Quantities.memoryBytes(spec.resources().memory().get()));
        }
        Optional<Long> cpu = Optional.empty();
        if (spec.resources().cpu().isPresent()) {
            cpu = Optional.of(Quantities.cpuNanos(spec.resources().cpu().get()));
        }
        return new ContainerPlan(
                name(spec),
                program.image(),
                program.entrypoint(),
                program.args(),
                program.directory().map(_ -> COMMAND),
                environment(spec),
                Labels.of(spec),
                spec.instanceName(),
                List.of(spec.instanceName(), spec.instanceName() + "." + spec.pipeline()),
                mounts,
                owner(spec.stateDirectory()),
                memory,
                cpu);
    }

    private record Program(String image, List<String> entrypoint, List<String> args, Optional<Path> directory) {}

    private static Program program(LaunchSpec spec, DockerDriverConfig config) throws DriverException {
        return switch (spec.launch()) {
            case LaunchSpec.Launch.Java java ->
                new Program(config.image(java.type()), List.of(), java.args(), Optional.empty());
            case LaunchSpec.Launch.Image image -> new Program(image.name(), List.of(), image.args(), Optional.empty());
            case LaunchSpec.Launch.Command command ->
                new Program(
                        config.commandImage()
                                .orElseThrow(
                                        () -> new DriverException(
                                                "driver.no_commands",
                                                "component \"" + spec.component() + "\" has a command, \""
                                                        + command.argv().getFirst()
                                                        + "\", and the docker driver runs images; give it an image, or use --driver process")),
                        command.argv(),
                        List.of(),
                        Optional.of(command.directory().toAbsolutePath()));
        };
    }

    /** The file is replaced, not rewritten, and a mount of the file itself would go on showing the old one. */
    private static Optional<Mounted> control(LaunchSpec spec) {
        return Optional.ofNullable(spec.contract().get(CONTROL_FILE))
                .map(file -> Path.of(file).toAbsolutePath().getParent())
                .filter(Files::isDirectory)
                .map(directory -> new Mounted(directory, CONTROL, true));
    }

    private static List<String> environment(LaunchSpec spec) {
        Map<String, String> variables = new LinkedHashMap<>(spec.env());
        variables.putAll(spec.contract());
        variables.computeIfPresent("FISO_STATE_DIR", (_, _) -> STATE);
        variables.computeIfPresent("FISO_CONFIG_FILE", (_, _) -> CONFIG);
        variables.computeIfPresent("FISO_TLS_DIR", (_, _) -> TLS);
        variables.computeIfPresent(
                CONTROL_FILE, (_, file) -> CONTROL + "/" + Path.of(file).getFileName());
        return variables.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .sorted()
                .toList();
    }

    private static String name(LaunchSpec spec) {
        String mark = spec.mark().substring(0, Math.min(MARK_SHOWN, spec.mark().length()));
        return ("fiso-" + spec.pipeline() + "-" + spec.instanceName() + "-" + mark).replaceAll("[^A-Za-z0-9_.-]", "_");
    }

    /** What it writes into its directory belongs to whom the directory belongs to, and it needs no right of anybody else. */
    private static Optional<String> owner(Path directory) throws DriverException {
        try {
            return Optional.of(
                    Files.getAttribute(directory, "unix:uid") + ":" + Files.getAttribute(directory, "unix:gid"));
        } catch (UnsupportedOperationException | IllegalArgumentException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new DriverException(
                    "driver.start_failed", "the state directory \"" + directory + "\" cannot be read: " + e, e);
        }
    }
}
