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

/**
 * Where everything of a run lies, and what its components are started with.
 *
 * @param directory the pipeline's directory
 * @param pipeline its name
 * @param run the run's id
 * @param token the run's token
 * @param controlPlane host:port
 */
record LaunchPlan(Path directory, String pipeline, String run, String token, String controlPlane) {

    /** Makes the directories and the config file of one replica, and says how to start it. */
    LaunchSpec prepare(ResolvedComponent component, ReplicaId replica) throws IOException {
        Path state = PrivateFiles.directory(directory.resolve("components").resolve(replica.toString()));
        Path logs = PrivateFiles.directory(runDirectory().resolve("logs"));
        Path config = PrivateFiles.directory(runDirectory().resolve("config")).resolve(replica + ".json");
        PrivateFiles.write(config, component.runtimeConfig().getBytes(StandardCharsets.UTF_8));
        return new LaunchSpec(
                pipeline,
                run,
                replica.component(),
                replica.index(),
                launch(component.launch()),
                contract(replica, state, config),
                component.env(),
                state,
                config,
                new LaunchSpec.OutputFiles(logs.resolve(replica + ".log"), logs.resolve(replica + ".out")),
                new LaunchSpec.Resources(
                        component.resources().cpu(), component.resources().memory()));
    }

    private Path runDirectory() {
        return directory.resolve("runs").resolve(run);
    }

    private Map<String, String> contract(ReplicaId replica, Path state, Path config) {
        Map<String, String> contract = new LinkedHashMap<>();
        contract.put("FISO_CONTROL_PLANE", controlPlane);
        contract.put("FISO_COMPONENT_ID", replica.component());
        contract.put("FISO_REPLICA", Integer.toString(replica.index()));
        contract.put("FISO_PIPELINE", pipeline);
        contract.put("FISO_RUN_ID", run);
        contract.put("FISO_TOKEN", token);
        contract.put("FISO_CONFIG_FILE", config.toAbsolutePath().toString());
        contract.put("FISO_STATE_DIR", state.toAbsolutePath().toString());
        contract.put("FISO_LISTEN", "127.0.0.1:0");
        contract.put("FISO_HTTP_LISTEN", "127.0.0.1:0");
        contract.put("FISO_ADVERTISE_HOST", "127.0.0.1");
        return contract;
    }

    private static LaunchSpec.Launch launch(ResolvedComponent.Launch launch) {
        return switch (launch) {
            case ResolvedComponent.Launch.Java java ->
                new LaunchSpec.Launch.Java(java.jar(), java.jvmArgs(), java.args());
            case ResolvedComponent.Launch.Command command ->
                new LaunchSpec.Launch.Command(command.argv(), command.directory());
            case ResolvedComponent.Launch.Image image -> new LaunchSpec.Launch.Image(image.name(), image.args());
        };
    }
}
