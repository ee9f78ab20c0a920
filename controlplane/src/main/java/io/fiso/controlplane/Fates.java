// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.proto.stream.v1.FateCounts;

/** Arithmetic on counts of fates. */
final class Fates {
    private Fates() {}

    static FateCounts sum(FateCounts one, FateCounts other) {
        return FateCounts.newBuilder()
                .setDelivered(one.getDelivered() + other.getDelivered())
                .setFailed(one.getFailed() + other.getFailed())
                .setFiltered(one.getFiltered() + other.getFiltered())
                .setDropped(one.getDropped() + other.getDropped())
                .setAbsorbed(one.getAbsorbed() + other.getAbsorbed())
                .build();
    }

    static long total(FateCounts counts) {
        return counts.getDelivered()
                + counts.getFailed()
                + counts.getFiltered()
                + counts.getDropped()
                + counts.getAbsorbed();
    }
}
