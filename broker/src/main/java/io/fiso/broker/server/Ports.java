// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;

/** Opens listeners on the loopback address, and nowhere else. */
final class Ports {
    private Ports() {}

    /** Opens a listener at an address. */
    @FunctionalInterface
    interface Opening<T> {
        T open(InetSocketAddress address) throws IOException;
    }

    /**
     * @param port 0 chooses one
     * @throws BrokerException if it cannot be had
     */
    static <T> T bind(String what, int port, Opening<T> opening) {
        try {
            return opening.open(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        } catch (IOException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new BrokerException(
                    Kind.UNAVAILABLE,
                    "broker.port_taken",
                    "port " + port + " for " + what + " cannot be used: " + cause.getMessage()
                            + "; free it, or ask for another (0 chooses one)",
                    e);
        }
    }
}
