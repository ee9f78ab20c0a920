// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.proto.control.v1.RegisterComponentRequest;
import java.time.Instant;

/**
 * What an instance said of itself, and what it was granted.
 *
 * @param said its own words
 * @param generation the grant
 * @param at when it registered
 * @param leaving why it said goodbye; empty if it did not
 */
record Registration(RegisterComponentRequest said, long generation, Instant at, String leaving) {
    String instance() {
        return said.getInstance();
    }

    String address() {
        return said.getAddress();
    }

    boolean present() {
        return leaving.isEmpty();
    }

    Registration left(String reason) {
        return new Registration(said, generation, at, reason.isEmpty() ? "it said goodbye" : reason);
    }

    Registration repeated(RegisterComponentRequest again) {
        return new Registration(again, generation, at, "");
    }
}
