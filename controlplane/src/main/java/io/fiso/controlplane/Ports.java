// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.controlplane.ControlPlaneException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;

/** The rule for ports: one that was asked for or none; a default, or any other if that is taken, and then say so. */
final class Ports {
    static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private Ports() {}

    /** Opens a listener at an address. */
    @FunctionalInterface
    interface Opening<T> {
        T open(InetSocketAddress address) throws IOException;
    }

    /**
     * A listener.
     *
     * @param notice what people should know about its port
     */
    record Bound<T>(T value, Optional<String> notice) {}

    static <T> Bound<T> bind(String what, InetAddress host, int standard, OptionalInt asked, Opening<T> opening) {
        int wanted = asked.orElse(standard);
        try {
            return new Bound<>(opening.open(new InetSocketAddress(host, wanted)), Optional.empty());
        } catch (IOException taken) {
            if (asked.isPresent()) {
                throw new ControlPlaneException(
                        Kind.ENVIRONMENT,
                        "port.taken",
                        "port " + wanted + " for " + what + " cannot be used: " + reason(taken)
                                + "; free it, or ask for another (0 chooses one)",
                        taken);
            }
        }
        try {
            return new Bound<>(
                    opening.open(new InetSocketAddress(host, 0)),
                    Optional.of("port " + standard + " is taken; another one was chosen for " + what));
        } catch (IOException e) {
            throw new ControlPlaneException(
                    Kind.ENVIRONMENT,
                    "port.none",
                    "no port can be opened for " + what + " at " + host.getHostAddress() + ": " + reason(e),
                    e);
        }
    }

    private static String reason(IOException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return String.valueOf(cause.getMessage());
    }
}
