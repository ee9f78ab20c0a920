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

    static FateCounts difference(FateCounts one, FateCounts other) {
        return FateCounts.newBuilder()
                .setDelivered(one.getDelivered() - other.getDelivered())
                .setFailed(one.getFailed() - other.getFailed())
                .setFiltered(one.getFiltered() - other.getFiltered())
                .setDropped(one.getDropped() - other.getDropped())
                .setAbsorbed(one.getAbsorbed() - other.getAbsorbed())
                .build();
    }

    /** Whether no count of {@code part} is above that of {@code whole}. */
    static boolean covers(FateCounts whole, FateCounts part) {
        return part.getDelivered() <= whole.getDelivered()
                && part.getFailed() <= whole.getFailed()
                && part.getFiltered() <= whole.getFiltered()
                && part.getDropped() <= whole.getDropped()
                && part.getAbsorbed() <= whole.getAbsorbed();
    }

    /** For people: {@code delivered 7 + dead-lettered 2}; what is zero is left out. */
    static String text(FateCounts counts) {
        StringBuilder text = new StringBuilder("delivered ").append(counts.getDelivered());
        part(text, "dead-lettered", counts.getFailed());
        part(text, "filtered", counts.getFiltered());
        part(text, "dropped", counts.getDropped());
        part(text, "absorbed", counts.getAbsorbed());
        return text.toString();
    }

    private static void part(StringBuilder text, String name, long count) {
        if (count != 0) {
            text.append(" + ").append(name).append(' ').append(count);
        }
    }

    static long total(FateCounts counts) {
        return counts.getDelivered()
                + counts.getFailed()
                + counts.getFiltered()
                + counts.getDropped()
                + counts.getAbsorbed();
    }
}
