// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.broker.client.BrokerAddress;
import java.io.IOException;

/**
 * Where components of a run get a broker from that have none of their own.
 *
 * <ol>
 *   <li>{@link #reaches} decides at once and may be called on any thread.
 *   <li>{@link #find} may take as long as a program takes to start, and blocks meanwhile. It is called on a thread of its own that is not a virtual one,
 *       never twice at the same time, and each time that somebody asks: a broker that was found before may have ended.
 *   <li>Who is interrupted in {@link #find} leaves at once. What it has begun to start may go on.
 * </ol>
 */
public interface BrokerProvider {
    /** There is none for anybody. */
    BrokerProvider NONE = new BrokerProvider() {
        @Override
        public boolean reaches(String driver) {
            return false;
        }

        @Override
        public BrokerAddress find() throws IOException {
            throw new IOException("there is no broker here");
        }
    };

    /** Whether what this driver launches can call a broker that is found here. */
    boolean reaches(String driver);

    /**
     * One that answers now.
     *
     * @throws IOException if none does and none can be started, with why and what to do
     */
    BrokerAddress find() throws IOException, InterruptedException;
}
