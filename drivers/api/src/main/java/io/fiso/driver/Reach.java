// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver;

import java.net.InetAddress;

/**
 * How the instances of a driver reach the control plane.
 *
 * @param listen the address of this machine that the control plane has to listen on for them
 * @param host what they call that address: a literal address, or a name that is known where they run
 */
public record Reach(InetAddress listen, String host) {
    /** They run on this machine and share its loopback address. */
    public static final Reach LOOPBACK = new Reach(InetAddress.ofLiteral("127.0.0.1"), "127.0.0.1");

    /** Whether nobody but this machine itself is reached that way. */
    public boolean isLoopback() {
        return listen.isLoopbackAddress();
    }
}
