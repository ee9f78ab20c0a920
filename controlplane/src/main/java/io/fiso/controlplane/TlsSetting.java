// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

/**
 * Whether gRPC is spoken over TLS, by the control plane and all components alike.
 *
 * @param on whether
 * @param insisted whether somebody asked for just that. If not, a run that is taken over keeps what it has
 */
public record TlsSetting(boolean on, boolean insisted) {
    /** What holds if nobody says anything else. */
    public static TlsSetting byDefault(boolean on) {
        return new TlsSetting(on, false);
    }

    /** What somebody asked for. */
    public static TlsSetting asked(boolean on) {
        return new TlsSetting(on, true);
    }
}
