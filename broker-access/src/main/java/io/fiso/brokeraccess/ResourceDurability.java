// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.brokeraccess;

import io.fiso.proto.broker.v1.Durability;

/** When a write to a resource counts, as a config says it. */
public enum ResourceDurability {
    /** When it is on the disk. */
    FSYNC(Durability.DURABILITY_FSYNC),
    /** When the operating system has it. */
    OS(Durability.DURABILITY_OS),
    /** As OS, and on the disk within the broker's interval. */
    INTERVAL(Durability.DURABILITY_INTERVAL);

    private final Durability wire;

    ResourceDurability(Durability wire) {
        this.wire = wire;
    }

    Durability wire() {
        return wire;
    }
}
