// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.LaunchSpec;
import io.fiso.pipeline.ResolvedComponent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where everything of a run lies, and what its components are started with.
 *
 * @param directory the pipeline's directory
 * @param pipeline its name
 * @param run the run's id
 * @param token the run's token
 * @param controlPlane host:port, as they reach it
 * @param sharesLoopback whether they run on this machine and share its loopback address
 */
record LaunchPlan(
        Path directory, String pipeline, String run, String token, String controlPlane, boolean sharesLoopback) {
    private static final String LOOPBACK = "127.0.0.1";

    /** How to start one replica. */
    LaunchSpec spec(ResolvedComponent component, ReplicaId replica, String mark) {
        Path state = directory.resolve("components").resolve(replica.toString());
        Path logs = runDirectory().resolve("logs");
        Path config = runDirectory().resolve("config").resolve(replica + ".json");
        return new LaunchSpec(
                pipeline,
                run,
                replica.component(),
                replica.index(),
                mark,
                launch(component.launch()),
                contract(replica, state, config),
                component.env(),
                state,
                config,
                Optional.empty(),
                new LaunchSpec.OutputFiles(logs.resolve(replica + ".log"), logs.resolve(replica + ".out")),
                new LaunchSpec.Resources(
                        component.resources().cpu(), component.resources().memory()));
    }

    /** Makes the directories and the config file that such a start needs. */
    static void prepare(LaunchSpec spec, ResolvedComponent component) throws IOException {
        PrivateFiles.directory(spec.stateDirectory());
        PrivateFiles.directory(Objects.requireNonNull(spec.output().log().getParent()));
        PrivateFiles.directory(Objects.requireNonNull(spec.configFile().getParent()));
        PrivateFiles.write(spec.configFile(), component.runtimeConfig().getBytes(StandardCharsets.UTF_8));
    }

    /** Where {@link #address} is written. */
    Path addressFile() {
        return AddressFile.in(directory);
    }

    /** Tells the components where the control plane is. */
    AddressFile address() {
        return new AddressFile(controlPlane, pipeline, run);
    }

    private Path runDirectory() {
        return directory.resolve("runs").resolve(run);
    }

    private Map<String, String> contract(ReplicaId replica, Path state, Path config) {
        Map<String, String> contract = new LinkedHashMap<>();
        contract.put("FISO_CONTROL_PLANE", controlPlane);
        contract.put(
                "FISO_CONTROL_FILE", AddressFile.in(directory).toAbsolutePath().toString());
        contract.put("FISO_COMPONENT_ID", replica.component());
        contract.put("FISO_REPLICA", Integer.toString(replica.index()));
        contract.put("FISO_PIPELINE", pipeline);
        contract.put("FISO_RUN_ID", run);
        contract.put("FISO_TOKEN", token);
        contract.put("FISO_CONFIG_FILE", config.toAbsolutePath().toString());
        contract.put("FISO_STATE_DIR", state.toAbsolutePath().toString());
        if (sharesLoopback) {
            contract.put("FISO_LISTEN", LOOPBACK + ":0");
            contract.put("FISO_HTTP_LISTEN", LOOPBACK + ":0");
            contract.put("FISO_ADVERTISE_HOST", LOOPBACK);
        } else {
            // Each has addresses of its own, and knows better than we which.
            contract.put("FISO_LISTEN", "0.0.0.0:8080");
            contract.put("FISO_HTTP_LISTEN", "0.0.0.0:9090");
        }
        return contract;
    }

    private static LaunchSpec.Launch launch(ResolvedComponent.Launch launch) {
        return switch (launch) {
            case ResolvedComponent.Launch.Java java ->
                new LaunchSpec.Launch.Java(type(java.jar()), java.jar(), java.jvmArgs(), java.args());
            case ResolvedComponent.Launch.Command command ->
                new LaunchSpec.Launch.Command(command.argv(), command.directory());
            case ResolvedComponent.Launch.Image image -> new LaunchSpec.Launch.Image(image.name(), image.args());
        };
    }

    /** A component's jar is named after its type. */
    private static String type(Path jar) {
        return Objects.requireNonNull(jar.getFileName()).toString().replaceFirst("\\.jar$", "");
    }
}
