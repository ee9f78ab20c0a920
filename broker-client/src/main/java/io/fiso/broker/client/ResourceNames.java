// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.client;

import java.util.regex.Pattern;

/** Short ways to write a broker's names, {@code tenant/namespace/kind/name}. */
public enum ResourceNames {
    STREAM("streams"),
    QUEUE("queues"),
    KEY_VALUE("kv");

    private static final String TENANT = "default";
    private static final String NAMESPACE = "default";
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private final String kind;

    ResourceNames(String kind) {
        this.kind = kind;
    }

    /** As it stands in names: {@code streams}, {@code queues} or {@code kv}. */
    public String kind() {
        return kind;
    }

    /**
     * The whole name for {@code orders} ({@code default/default/streams/orders}), {@code shop/orders} ({@code default/shop/streams/orders}),
     * {@code acme/shop/orders} ({@code acme/shop/streams/orders}) or the whole name itself.
     *
     * @throws IllegalArgumentException if it is none of these, with what is allowed
     */
    public String whole(String written) {
        String[] parts = written.split("/", -1);
        for (String part : parts) {
            if (!PART.matcher(part).matches()) {
                throw refused(written);
            }
        }
        return switch (parts.length) {
            case 1 -> String.join("/", TENANT, NAMESPACE, kind, parts[0]);
            case 2 -> String.join("/", TENANT, parts[0], kind, parts[1]);
            case 3 -> String.join("/", parts[0], parts[1], kind, parts[2]);
            case 4 -> {
                if (!parts[2].equals(kind)) {
                    throw refused(written);
                }
                yield written;
            }
            default -> throw refused(written);
        };
    }

    private IllegalArgumentException refused(String written) {
        return new IllegalArgumentException(
                "\"" + written + "\" is no name of one: write name, namespace/name or tenant/namespace/" + kind
                        + "/name, each of 1 to 100 letters, digits, '.', '_' or '-', of which the first is a letter or digit");
    }
}
