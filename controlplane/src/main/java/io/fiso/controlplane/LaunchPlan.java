// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.LaunchSpec;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.tls.PeerName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Where everything of a run lies, and what its components are started with.
 *
 * @param directory the pipeline's directory
 * @param pipeline its name
 * @param run the run's id
 * @param token the run's token
 * @param controlPlane host:port, as they reach it
 * @param sharesLoopback whether they run on this machine and share its loopback address
 * @param tls what makes certificates for its components; empty if they speak plain text
 */
record LaunchPlan(
        Path directory,
        String pipeline,
        String run,
        String token,
        String controlPlane,
        boolean sharesLoopback,
        Optional<MutualTls> tls) {
    private static final String TLS = "tls";
    private static final String LOOPBACK = "127.0.0.1";
    /** What this machine is called by who is on it. */
    static final List<String> LOOPBACK_NAMES = List.of(LOOPBACK, "::1", "localhost");

    /** How to start one replica. */
    LaunchSpec spec(ResolvedComponent component, ReplicaId replica, String mark) {
        Path state = directory.resolve("components").resolve(replica.toString());
        Path logs = runDirectory().resolve("logs");
        Path config = runDirectory().resolve("config").resolve(replica + ".json");
        Optional<Path> certificates =
                tls.map(_ -> tlsOf(runDirectory()).resolve(replica.toString()).toAbsolutePath());
        return new LaunchSpec(
                pipeline,
                run,
                replica.component(),
                replica.index(),
                mark,
                launch(component.launch()),
                contract(replica, state, config, certificates),
                component.env(),
                state,
                config,
                certificates,
                new LaunchSpec.OutputFiles(logs.resolve(replica + ".log"), logs.resolve(replica + ".out")),
                new LaunchSpec.Resources(
                        component.resources().cpu(), component.resources().memory()));
    }

    /** Makes the directories, the config file and the certificate that such a start needs. */
    void prepare(LaunchSpec spec, ResolvedComponent component) throws IOException {
        PrivateFiles.directory(spec.stateDirectory());
        PrivateFiles.directory(Objects.requireNonNull(spec.output().log().getParent()));
        PrivateFiles.directory(Objects.requireNonNull(spec.configFile().getParent()));
        PrivateFiles.write(spec.configFile(), component.runtimeConfig().getBytes(StandardCharsets.UTF_8));
        if (tls.isPresent() && spec.tlsDirectory().isPresent()) {
            tls.get().identities().issue(spec.tlsDirectory().get(), spec.instanceName(), pipeline, names(spec));
        }
    }

    /** Has the certificate of an instance renewed that an earlier control plane has started. */
    void keep(LaunchSpec spec) {
        tls.ifPresent(present -> spec.tlsDirectory().ifPresent(present.identities()::keep));
    }

    /** Removes the keys of a run that has ended. */
    void forget() {
        tls.ifPresent(present -> present.identities().forget(tlsOf(runDirectory())));
    }

    /** Whether the components of a run that still runs were started with certificates. */
    static boolean hasTls(Path stateHome, RunStore.LiveRun live) {
        Path pipeline = ControlPlaneConfig.pipelineDirectory(stateHome, live.pipeline());
        return Files.isDirectory(tlsOf(runDirectory(pipeline, live.run())));
    }

    private static Path tlsOf(Path runDirectory) {
        return runDirectory.resolve(TLS);
    }

    /** What the certificate of an instance is for: its name, and its host if that is known before it runs. */
    private Set<String> names(LaunchSpec spec) {
        Set<String> names = new LinkedHashSet<>();
        names.add(PeerName.component(spec.component(), pipeline));
        if (sharesLoopback) {
            names.addAll(LOOPBACK_NAMES);
        }
        return names;
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
        return runDirectory(directory, run);
    }

    private static Path runDirectory(Path pipelineDirectory, String run) {
        return pipelineDirectory.resolve("runs").resolve(run);
    }

    private Map<String, String> contract(ReplicaId replica, Path state, Path config, Optional<Path> certificates) {
        Map<String, String> contract = new LinkedHashMap<>();
        contract.put("FISO_CONTROL_PLANE", controlPlane);
        contract.put("FISO_CONTROL_FILE", addressFile().toAbsolutePath().toString());
        contract.put("FISO_COMPONENT_ID", replica.component());
        contract.put("FISO_REPLICA", Integer.toString(replica.index()));
        contract.put("FISO_PIPELINE", pipeline);
        contract.put("FISO_RUN_ID", run);
        contract.put("FISO_TOKEN", token);
        contract.put("FISO_CONFIG_FILE", config.toAbsolutePath().toString());
        contract.put("FISO_STATE_DIR", state.toAbsolutePath().toString());
        certificates.ifPresent(directory -> contract.put("FISO_TLS_DIR", directory.toString()));
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
