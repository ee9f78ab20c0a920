// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.tls;

/**
 * What the parts of a pipeline are called in their certificates, as DNS names. Who dials somebody expects the name, at whatever address: addresses are chosen
 * by platforms, after certificates were made, and on one machine all share the same.
 */
public final class PeerName {
    /** The control plane. */
    public static final String CONTROL_PLANE = "control-plane.fiso";

    private static final String DOMAIN = ".fiso";

    private PeerName() {}

    /** A component of a pipeline, each of its replicas: {@code callback.orders.fiso}. */
    public static String component(String component, String pipeline) {
        return component + "." + pipeline + DOMAIN;
    }
}
