// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import io.fiso.tls.PeerName;
import io.fiso.tls.TlsDirectory;
import io.fiso.tls.TlsIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a control plane that speaks TLS has: an authority, a certificate of its own, and one for who operates it. Under {@code <home>/tls/}: the authority,
 * {@code control-plane/} and {@code client/}. For any thread.
 */
final class MutualTls implements AutoCloseable {
    private static final Duration RENEWAL_INTERVAL = Duration.ofHours(1);
    private static final List<String> NAMES = Stream.concat(
                    Stream.of(PeerName.CONTROL_PLANE), LaunchPlan.LOOPBACK_NAMES.stream())
            .toList();

    private final Identities identities;
    private final TlsIdentity own;
    private final TlsDirectory client;
    private final ScheduledExecutorService renewal = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("certificates").factory());

    private MutualTls(Identities identities, TlsIdentity own, TlsDirectory client) {
        this.identities = identities;
        this.own = own;
        this.client = client;
        renewal.scheduleWithFixedDelay(
                identities::renew, RENEWAL_INTERVAL.toSeconds(), RENEWAL_INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    /**
     * Opens it; the authority is made if the home holds none.
     *
     * @param inMemory whether the authority ends with this process
     */
    static MutualTls open(Path home, boolean inMemory) throws IOException {
        Path directory = home.resolve("tls");
        Clock clock = Clock.systemUTC();
        Identities identities = inMemory ? Identities.inMemory(clock) : Identities.keptIn(directory, clock);
        TlsDirectory own = identities.issue(directory.resolve("control-plane"), "control-plane", "", NAMES);
        TlsDirectory client = identities.issue(directory.resolve("client"), "operator", "", List.of());
        return new MutualTls(identities, TlsIdentity.read(own), client);
    }

    /**
     * Whether there is TLS: as asked for, but a run that is taken over goes on as it was started.
     *
     * @throws ControlPlaneException if somebody asked for something else than what runs has
     */
    static boolean wanted(TlsSetting setting, Path stateHome, List<Leftover> leftovers) {
        Optional<Leftover> other = leftovers.stream()
                .filter(leftover -> LaunchPlan.hasTls(stateHome, leftover.live()) != setting.on())
                .findFirst();
        if (other.isEmpty()) {
            return setting.on();
        }
        if (setting.insisted()) {
            throw new ControlPlaneException(
                    Kind.ENVIRONMENT,
                    "tls.other_than_running",
                    "run " + other.get().live().run() + " of \""
                            + other.get().live().pipeline()
                            + "\" still runs, was started with" + (setting.on() ? "out" : "")
                            + " TLS, and cannot change that while it runs; take it over with \"--"
                            + (setting.on() ? "no-" : "") + "tls\", or stop it first");
        }
        return !setting.on();
    }

    /** Who the control plane is to components and to its operator. */
    TlsIdentity own() {
        return own;
    }

    /** Who its operator is. */
    TlsDirectory client() {
        return client;
    }

    Identities identities() {
        return identities;
    }

    @Override
    public void close() {
        renewal.shutdownNow();
    }
}
