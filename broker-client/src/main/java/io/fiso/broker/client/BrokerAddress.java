// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.client;

/**
 * Where a broker serves gRPC, and what it wants to see.
 *
 * @param host its name or address
 * @param port 1 to 65535
 * @param token as its access file has it; not shown by {@link #toString}
 */
public record BrokerAddress(String host, int port, String token) {
    public BrokerAddress {
        if (host.isBlank() || port < 1 || port > 65_535 || token.isBlank()) {
            throw new IllegalArgumentException("an address is a host, a port of 1 to 65535 and a token");
        }
    }

    /** {@code host:port}. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
