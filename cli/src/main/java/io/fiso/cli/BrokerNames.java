// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

/** Names of what a broker has, as people write them. */
final class BrokerNames {
    private static final String USUAL = "default";

    private BrokerNames() {}

    /** The shortest way to write a full name: {@code orders}, {@code shop/orders} or {@code acme/shop/orders}; what is no full name stays. */
    static String brief(String whole) {
        String[] parts = whole.split("/", -1);
        if (parts.length != 4) {
            return whole;
        }
        if (!parts[0].equals(USUAL)) {
            return parts[0] + "/" + parts[1] + "/" + parts[3];
        }
        return parts[1].equals(USUAL) ? parts[3] : parts[1] + "/" + parts[3];
    }
}
