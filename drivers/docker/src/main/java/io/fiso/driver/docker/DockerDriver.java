// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import io.fiso.driver.Capabilities;
import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import io.fiso.driver.OutputTail;
import io.fiso.driver.Reach;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Starts components as containers of a Docker engine, one for each replica. A container is known by its id and the launch's mark, which it carries as a
 * label, both; names are for people. The engine never restarts one.
 */
public final class DockerDriver implements Driver {
    /** The driver's name. */
    public static final String NAME = "docker";

    private static final System.Logger LOG = System.getLogger(DockerDriver.class.getName());
    private static final int START_ATTEMPTS = 3;

    private final DockerDriverConfig config;
    private final Engine engine;
    private final Containers containers;
    private final Network network;
    private final Set<OutputFollower> followers = ConcurrentHashMap.newKeySet();
    private volatile boolean used;

    public DockerDriver(DockerDriverConfig config) {
        this.config = config;
        this.engine = new Engine(config.host());
        this.containers = new Containers(engine);
        this.network = new Network(engine, config.network());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Capabilities capabilities() {
        Set<Capabilities.LaunchKind> launches = config.commandImage().isPresent()
                ? Set.of(Capabilities.LaunchKind.JAVA, Capabilities.LaunchKind.IMAGE, Capabilities.LaunchKind.COMMAND)
                : Set.of(Capabilities.LaunchKind.JAVA, Capabilities.LaunchKind.IMAGE);
        return new Capabilities(launches, false, true, true, false);
    }

    /**
     * What the engine calls itself, and where it is: {@code 20.10.24 at unix:///var/run/docker.sock}.
     *
     * @throws DriverException {@code driver.unavailable} if none answers; the message says what to do
     */
    public String engine() throws DriverException {
        return engine.ask(client -> client.versionCmd().exec().getVersion()) + " at " + engine.address();
    }

    /** Makes the network, whose gateway is this machine as containers see it. */
    @Override
    public Reach reach() throws DriverException {
        used = true;
        network.ensure();
        InetAddress gateway = network.gateway();
        try {
            if (NetworkInterface.getByInetAddress(gateway) == null) {
                throw new DriverException(
                        "driver.unreachable",
                        "containers in the Docker network \"" + network.name()
                                + "\" cannot reach this machine: their gateway, "
                                + gateway.getHostAddress()
                                + ", is no address of it. The engine runs elsewhere, in a virtual machine, or without root; use one"
                                + " that runs on this machine, or --driver process");
            }
        } catch (SocketException e) {
            throw new DriverException(
                    "driver.unreachable", "the network interfaces of this machine cannot be listed: " + e, e);
        }
        return new Reach(gateway, gateway.getHostAddress());
    }

    @Override
    public Handle intent(LaunchSpec spec) {
        return new Handle(
                NAME,
                DockerInstance.HANDLE_VERSION,
                Map.of(
                        "mark", spec.mark(),
                        "log", spec.output().log().toString(),
                        "log_from", "0",
                        "out", spec.output().out().toString()));
    }

    @Override
    public Instance start(LaunchSpec spec) throws DriverException {
        ContainerPlan plan = ContainerPlan.of(spec, config);
        Path cursor = Cursor.path(spec.output().log(), spec.mark());
        used = true;
        try {
            OutputFile.create(spec.output().log());
            OutputFile.create(spec.output().out());
            OutputTail errors = OutputTail.startingAtEndOf(spec.output().log());
            String container = run(plan);
            return instance(container, spec.mark(), errors, spec.output().out());
        } catch (IOException e) {
            throw new DriverException(
                    "driver.start_failed",
                    "component \"" + spec.component() + "\" could not be started: its output cannot be written: " + e,
                    e);
        } catch (DriverException e) {
            throw startFailed(spec, plan, cursor, e);
        }
    }

    private String run(ContainerPlan plan) throws DriverException {
        for (int attempt = 1; ; attempt++) {
            network.ensure();
            String container = containers.create(plan, network.name());
            try {
                containers.start(container);
                return container;
            } catch (DriverException e) {
                boolean networkWentAway = String.valueOf(e.getMessage()).contains("network " + network.name());
                if (!networkWentAway || attempt == START_ATTEMPTS) {
                    throw e;
                }
                containers.remove(container, true);
            }
        }
    }

    private DriverException startFailed(LaunchSpec spec, ContainerPlan plan, Path cursor, DriverException cause) {
        try {
            for (Containers.Found left : containers.marked(spec.mark())) {
                containers.remove(left.id(), true);
            }
            Files.deleteIfExists(cursor);
        } catch (DriverException | IOException e) {
            cause.addSuppressed(e);
        }
        String words = String.valueOf(cause.getMessage());
        if (words.contains("No such image")) {
            String remedy = spec.launch() instanceof LaunchSpec.Launch.Java java
                    ? "make it: fisoctl images build " + java.type() + " (without a name: all)"
                    : "fetch it: docker pull " + plan.image();
            return new DriverException(
                    "driver.image_not_found",
                    "the Docker engine does not have the image \"" + plan.image() + "\"; " + remedy,
                    cause);
        }
        return cause.code().equals("driver.refused")
                ? new DriverException(
                        "driver.start_failed",
                        "no container could be started from the image \"" + plan.image() + "\": " + words,
                        cause)
                : cause;
    }

    private Instance instance(String container, String mark, OutputTail errors, Path out) {
        OutputFollower follower =
                new OutputFollower(engine, container, Cursor.path(errors.file(), mark), out, errors.file());
        followers.add(follower);
        DockerInstance instance =
                new DockerInstance(containers, container, mark, errors, out, follower.start()).watched();
        instance.onEnd(_ -> followers.remove(follower));
        return instance;
    }

    @Override
    public Optional<Instance> recover(Handle handle) throws DriverException {
        if (!handle.driver().equals(NAME) || handle.version() != DockerInstance.HANDLE_VERSION) {
            throw new DriverException(
                    "driver.foreign_handle",
                    "a handle of driver \"" + handle.driver() + "\", version " + handle.version()
                            + ", is not one that this docker driver reads");
        }
        String mark = handle.field("mark");
        OutputTail errors = new OutputTail(Path.of(handle.field("log")), Long.parseLong(handle.field("log_from")));
        Path out = Path.of(handle.field("out"));
        used = true;
        Optional<Containers.Found> found = found(handle, mark);
        if (found.isPresent() && found.get().pending()) {
            // Whoever made it died before it could start it: nothing ever ran.
            containers.remove(found.get().id(), true);
            return Optional.empty();
        }
        return found.map(container -> instance(container.id(), mark, errors, out));
    }

    /** By id and mark, or, of an intent, by the mark alone. */
    private Optional<Containers.Found> found(Handle handle, String mark) throws DriverException {
        String container = handle.fields().get("container");
        return container == null
                ? containers.marked(mark).stream().findFirst()
                : containers.find(container).filter(found -> found.mark().equals(mark));
    }

    @Override
    public void close() {
        followers.forEach(OutputFollower::close);
        followers.clear();
        if (used && !engine.closed()) {
            try {
                network.removeIfUnused();
            } catch (DriverException e) {
                LOG.log(System.Logger.Level.DEBUG, "network not removed network=" + network.name(), e);
            }
        }
        engine.close();
    }
}
