// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.ConfigException;
import java.net.InetSocketAddress;
import java.util.List;

/** A host and a port, as written in addresses. */
record HostPort(String host, int port) {
    static HostPort parse(String name, String text) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (colon > 0 && port >= 0 && port <= 65_535) {
                String host = text.substring(0, colon);
                return new HostPort(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
            }
        } catch (NumberFormatException e) {
            // Falls through to the one message that says what is wrong.
        }
        throw new ConfigException(List.of(name + " is '" + text + "', expected host:port"));
    }

    InetSocketAddress socketAddress() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
