// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.ProcessIdentity;
import io.fiso.driver.Reach;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A control plane inside this process.
 *
 * <ol>
 *   <li>{@link #start} returns when gRPC and HTTP answer on the loopback address and {@code control.json} is written. If it throws, nothing is
 *       left behind. At other addresses of this machine gRPC is served once a run's driver has instances that need it ({@link Driver#reach}). Every call
 *       over gRPC carries {@code authorization: Bearer <token>}; with {@link TlsSetting TLS} every connection also presents a certificate that this
 *       control plane has issued.
 *   <li>What a control plane that died in this directory has left running is found again. Starting the same pipeline takes its run over; starting
 *       another content of it is refused, or drains that run first ({@code replace}). What nobody asks for is left alone (guarantee D11). A server
 *       ({@link ControlPlaneConfig#forServer}) waits for nobody: it goes on with every run that an earlier server had, soon after its start.
 *   <li>Runs are started, stopped and watched over {@code fiso.control.v1.PipelineService}, by the embedding program too.
 *   <li>{@link #close} is idempotent. It ends what still runs by force, so stop and wait first ({@code StopRun}, {@code WatchRun}) for a clean end (guarantee
 *       D9). A server leaves it running instead, for its successor. It closes the drivers too.
 * </ol>
 *
 * <p>Files of a run, under {@code <state>/pipelines/<pipeline>/}: {@code runs/<run>/logs/<id>-<replica>.log} has what a component wrote to standard error,
 * its log; {@code <id>-<replica>.out} beside it has its standard output, what it prints for people. Rotated ones end in {@code .1} (the newest) to
 * {@code .9}; rotation copies and truncates, so who follows a file starts over when it has become shorter.
 *
 * <p>A store on disk needs {@code --add-opens=java.base/sun.nio.ch=ALL-UNNAMED}.
 */
public final class ControlPlane implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ControlPlane.class.getName());
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(15);

    private final ControlPlaneConfig config;
    private final String token = BearerToken.random();
    private Optional<MutualTls> tls = Optional.empty();
    private final Runs runs;
    private final GrpcFace grpc;
    private final HttpFace http;
    private final List<String> notices = new ArrayList<>();
    /** What to do as soon as everything answers. */
    private final List<Runnable> onceUp = new ArrayList<>();

    private int standardPort = GrpcFace.STANDARD_PORT;
    /** What to close, the last opened first. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /**
     * Starts one.
     *
     * @throws ControlPlaneException if a port that was asked for is taken, another control plane is alive in {@code home}, or the store cannot be opened
     */
    public static ControlPlane start(ControlPlaneConfig config) {
        return new ControlPlane(config);
    }

    @SuppressWarnings("this-escape")
    private ControlPlane(ControlPlaneConfig config) {
        this.config = config;
        try {
            config.drivers().forEach(opened::push);
            PrivateFiles.directory(config.home());
            opened.push(HomeLock.take(config.home()));
            this.runs = config.isServer() ? runsOfServer() : runsOfOne();
            BrokerSearch brokers = new BrokerSearch(config.brokers());
            this.grpc = new GrpcFace(runs, config.timing(), brokers, token, config.grpcPort(), standardPort, tls);
            opened.push(grpc);
            opened.push(brokers);
            RunMetrics metrics = new RunMetrics(
                    () -> runs.list()
                            .filter(run -> !RunView.isFinal(run.getState()))
                            .toList(),
                    run -> Audit.violations(runs.audit(run.getId())));
            this.http = new HttpFace(config.httpPort(), metrics, () -> true);
            opened.push(http);
            grpc.bound().notice().ifPresent(notice -> notices.add(notice + ": " + grpc.port()));
            http.bound().notice().ifPresent(notice -> notices.add(notice + ": " + http.port()));
            runs.open(this::address);
            opened.push(config.isServer() ? () -> runs.leave(CLOSE_PATIENCE) : () -> runs.close(CLOSE_PATIENCE));
            writeControlFile(Optional.empty());
            onceUp.forEach(Runnable::run);
            opened.push(() ->
                    ControlFile.removeOwn(config.home(), ProcessHandle.current().pid()));
        } catch (IOException e) {
            close();
            throw new ControlPlaneException(
                    Kind.ENVIRONMENT,
                    "controlplane.no_state",
                    "the state directory " + config.home() + " cannot be used: " + e.getMessage(),
                    e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private Leftovers leftovers(RunStore store) {
        return new Leftovers(store, config.drivers(), config.timing().stopGrace());
    }

    private Runs runsOfOne() throws IOException {
        Store store = config.inMemory()
                ? new MemoryStore()
                : XodusStore.open(PrivateFiles.directory(config.home().resolve("store")));
        opened.push(store);
        RunStore runStore = new RunStore(store, config.keepRuns());
        Leftovers leftovers = leftovers(runStore);
        List<Leftover> found = leftovers.find();
        notices.addAll(leftovers.notices());
        standardPort = standardPort(found);
        tls = openTls(found);
        return new Runs(config, new RunHomes.Single(runStore), found, Now::ofSystem, this::announce, tls);
    }

    private Runs runsOfServer() {
        PipelineHomes homes = new PipelineHomes(config.stateHome(), config.keepRuns());
        opened.push(homes);
        Runs many = new Runs(
                config, homes, List.of(), Now::ofSystem, run -> homes.announce(run.getPipeline(), run.getId()), tls);
        homes.onOpen((pipeline, store) -> {
            if (!many.awaits(pipeline)) {
                for (Leftover leftover : leftovers(store).find()) {
                    refuseEncrypted(leftover.live());
                    many.found(leftover);
                }
            }
        });
        homes.portOfPredecessor().ifPresent(port -> standardPort = port);
        Succession succession = new Succession(homes, many, this::leftovers, this::refuseEncrypted);
        succession.claim();
        opened.push(succession);
        onceUp.add(() -> homes.publish(this::controlFile));
        onceUp.add(succession::start);
        return many;
    }

    /** Certificates are made for one pipeline at a time, by a control plane of its own. */
    private void refuseEncrypted(RunStore.LiveRun live) {
        if (LaunchPlan.hasTls(config.stateHome(), live)) {
            throw new ControlPlaneException(
                    Kind.REFUSED,
                    "tls.not_in_server",
                    "run " + live.run() + " of \"" + live.pipeline()
                            + "\" still runs and was started with TLS, which a server does not speak; \"fisoctl run\" takes it over");
        }
    }

    private Optional<MutualTls> openTls(List<Leftover> found) throws IOException {
        Optional<MutualTls> open = MutualTls.wanted(config.tls(), config.stateHome(), found)
                ? Optional.of(MutualTls.open(config.home(), config.inMemory()))
                : Optional.empty();
        open.ifPresent(opened::push);
        return open;
    }

    /** Where the control plane was whose components still run, so that those find this one that do not look into the control file. */
    private int standardPort(List<Leftover> found) {
        return found.isEmpty()
                ? GrpcFace.STANDARD_PORT
                : ControlFile.read(config.home()).map(ControlFile::grpcPort).orElse(GrpcFace.STANDARD_PORT);
    }

    /** Listens where the driver's instances can reach it; what they call that address. */
    private String address(Driver driver) {
        try {
            Reach reach = driver.reach();
            String host = reach.host().contains(":") ? "[" + reach.host() + "]" : reach.host();
            return host + ":" + grpc.port(reach.listen());
        } catch (DriverException e) {
            throw new ControlPlaneException(Kind.ENVIRONMENT, e.code(), String.valueOf(e.getMessage()), e);
        }
    }

    private void announce(Run run) {
        try {
            writeControlFile(Optional.of(run));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "control file not written, so others will not find this run", e);
        }
    }

    private void writeControlFile(Optional<Run> run) throws IOException {
        controlFile(run.map(Run::getPipeline).orElse(""), run.map(Run::getId).orElse(""))
                .write(config.home());
    }

    private ControlFile controlFile(String pipeline, String run) {
        ProcessIdentity self = ProcessIdentity.ofThis();
        return new ControlFile(
                self.pid(),
                self.started(),
                grpcPort(),
                httpPort(),
                token,
                pipeline,
                run,
                config.isServer(),
                tlsDirectory().map(Path::toString));
    }

    /** The port of gRPC on 127.0.0.1. */
    public int grpcPort() {
        return grpc.port();
    }

    /** The port of HTTP on 127.0.0.1. */
    public int httpPort() {
        return http.port();
    }

    /** The bearer token. */
    public String token() {
        return token;
    }

    /** The directory with a certificate and key for who calls this control plane; empty if it speaks plain text. */
    public Optional<Path> tlsDirectory() {
        return tls.map(present -> present.client().path().toAbsolutePath());
    }

    /** What people should know about the start: "port 8080 is taken; another one was chosen for gRPC: 41237". */
    public List<String> notices() {
        return List.copyOf(notices);
    }

    /** The run that was taken over from a control plane that is gone; empty if none was. */
    public Optional<Adoption> adoption() {
        return runs.adoption();
    }

    @Override
    public synchronized void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                LOG.log(System.Logger.Level.WARNING, "control plane: not closed cleanly", e);
            }
        }
    }
}
