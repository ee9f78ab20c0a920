// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.transport.DockerHttpClient;
import io.fiso.driver.DriverException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The containers of one engine: made, looked at, signalled and removed. Keeps nothing. */
final class Containers {
    /** The engine's own copy of the output, as much as the files hold to which it is followed. */
    private static final Map<String, String> LOG_BOUNDS = Map.of("max-size", "10m", "max-file", "10");

    /** Libraries are unpacked there and loaded, so it has to allow execution. */
    private static final String TEMPORARY = "rw,exec,nosuid,nodev,mode=1777,size=256m";

    private static final String INIT_STATE = "created";

    private final Engine engine;

    Containers(Engine engine) {
        this.engine = engine;
    }

    /** Makes a container without starting it; its id. */
    String create(ContainerPlan plan, String network) throws DriverException {
        HostConfig host = HostConfig.newHostConfig()
                // A restart is a decision of the control plane's, which grants generations (guarantee D8).
                .withRestartPolicy(RestartPolicy.noRestart())
                // Reaps what the program orphans, and lets signals do what they do to any other process.
                .withInit(true)
                .withNetworkMode(network)
                .withReadonlyRootfs(true)
                .withTmpFs(Map.of("/tmp", TEMPORARY))
                .withSecurityOpts(List.of("no-new-privileges"))
                .withCapDrop(Capability.ALL)
                .withLogConfig(new LogConfig(LogConfig.LoggingType.JSON_FILE, LOG_BOUNDS))
                .withMounts(plan.mounts().stream().map(Containers::mount).toList());
        plan.cpuNanos().ifPresent(host::withNanoCPUs);
        // The same bound for memory and swap: no swap.
        plan.memoryBytes().ifPresent(bytes -> host.withMemory(bytes).withMemorySwap(bytes));
        return engine.ask(client -> {
            CreateContainerCmd create = client.createContainerCmd(plan.image())
                    .withName(plan.name())
                    .withHostName(plan.hostName())
                    .withAliases(plan.aliases())
                    .withLabels(plan.labels())
                    .withEnv(plan.environment())
                    .withHostConfig(host);
            plan.user().ifPresent(create::withUser);
            plan.workingDirectory().ifPresent(create::withWorkingDir);
            if (!plan.entrypoint().isEmpty()) {
                create.withEntrypoint(plan.entrypoint());
            }
            if (!plan.args().isEmpty()) {
                create.withCmd(plan.args());
            }
            return create.exec().getId();
        });
    }

    private static Mount mount(ContainerPlan.Mounted mounted) {
        return new Mount()
                .withType(MountType.BIND)
                .withSource(mounted.source().toString())
                .withTarget(mounted.target())
                .withReadOnly(mounted.readOnly());
    }

    /** Starts what was made. */
    void start(String container) throws DriverException {
        engine.ask(client -> {
            client.startContainerCmd(container).exec();
            return Boolean.TRUE;
        });
    }

    /** What there is under this id. */
    Optional<Found> find(String container) throws DriverException {
        return engine.ask(client -> {
            try {
                return Optional.of(
                        Found.of(client.inspectContainerCmd(container).exec()));
            } catch (NotFoundException _) {
                return Optional.empty();
            }
        });
    }

    /** Whatever carries this mark. */
    List<Found> marked(String mark) throws DriverException {
        List<Container> listed = engine.ask(client -> client.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of(Labels.MARK, mark))
                .exec());
        List<Found> found = new ArrayList<>();
        for (Container container : listed) {
            find(container.getId()).ifPresent(found::add);
        }
        return found;
    }

    /** Sends a signal, unless the container has ended or is gone. */
    void signal(String container, String signal) throws DriverException {
        engine.ask(client -> {
            try {
                client.killContainerCmd(container).withSignal(signal).exec();
            } catch (NotFoundException | ConflictException _) {
                return Boolean.FALSE;
            } catch (DockerException e) {
                // Engines before 20.10 say so with another status.
                if (!String.valueOf(e.getMessage()).contains("is not running")) {
                    throw e;
                }
            }
            return Boolean.TRUE;
        });
    }

    /**
     * Removes a container and its anonymous volumes; nothing happens if it is gone.
     *
     * @param force whether to kill it if it runs
     */
    void remove(String container, boolean force) throws DriverException {
        engine.ask(client -> {
            try {
                client.removeContainerCmd(container)
                        .withForce(force)
                        .withRemoveVolumes(true)
                        .exec();
            } catch (NotFoundException | NotModifiedException _) {
                return Boolean.FALSE;
            } catch (ConflictException e) {
                if (!String.valueOf(e.getMessage()).contains("already in progress")) {
                    throw e;
                }
            }
            return Boolean.TRUE;
        });
    }

    /** Blocks until it does not run any more, or the engine goes away; which of the two is for {@link #find} to say. */
    void awaitEnd(String container) throws IOException {
        DockerHttpClient.Request request = DockerHttpClient.Request.builder()
                .method(DockerHttpClient.Request.Method.POST)
                .path("/containers/" + container + "/wait")
                .build();
        engine.stream(request, answer -> {
            var _ = answer.getBody().readAllBytes();
        });
    }

    /**
     * A container as it was found.
     *
     * @param id its id
     * @param mark the mark it carries; empty if none
     * @param pending whether it was made and never started
     * @param running whether it runs
     * @param end how it ended; meaningless while it runs
     */
    record Found(String id, String mark, boolean pending, boolean running, io.fiso.driver.Status.Ended end) {
        static Found of(InspectContainerResponse container) {
            InspectContainerResponse.ContainerState state = container.getState();
            Map<String, String> labels = container.getConfig().getLabels();
            Long limit = container.getHostConfig().getMemory();
            return new Found(
                    container.getId(),
                    labels == null ? "" : labels.getOrDefault(Labels.MARK, ""),
                    INIT_STATE.equals(state.getStatus()),
                    Boolean.TRUE.equals(state.getRunning()) || Boolean.TRUE.equals(state.getRestarting()),
                    Ends.of(
                            state.getExitCodeLong() == null ? 0 : state.getExitCodeLong(),
                            Boolean.TRUE.equals(state.getOOMKilled()),
                            limit == null ? 0 : limit));
        }
    }
}
