// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.catalogue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.util.List;
import java.util.regex.Pattern;

/** {@code tenant/namespace/kind/name}. */
public record ResourceName(String tenant, String namespace, ResourceKind kind, String name)
        implements Comparable<ResourceName> {
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    public ResourceName {
        List.of(tenant, namespace, name).forEach(ResourceName::requirePart);
    }

    /** @throws BrokerException if this can be no part of a name */
    static void requirePart(String part) {
        if (!PART.matcher(part).matches()) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.name_invalid",
                    "\"" + Quoted.shortened(part) + "\" is no part of a resource's name: 1 to 100 letters, digits, '.',"
                            + " '_' or '-', of which the first is a letter or digit");
        }
    }

    /** @throws BrokerException if this is no resource's name */
    public static ResourceName parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length != 4) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.name_invalid",
                    "\"" + Quoted.shortened(text)
                            + "\" is no resource's name; one has the form tenant/namespace/kind/name,"
                            + " such as default/default/streams/orders");
        }
        ResourceKind kind = ResourceKind.of(parts[2])
                .orElseThrow(() -> new BrokerException(
                        Kind.INVALID,
                        "broker.kind_unknown",
                        "\"" + Quoted.shortened(parts[2]) + "\" in \"" + Quoted.shortened(text)
                                + "\" is no kind of resource; there are streams, queues and kv"));
        return new ResourceName(parts[0], parts[1], kind, parts[3]);
    }

    /** @throws BrokerException if this is no resource's name, or that of another kind */
    public static ResourceName parse(String text, ResourceKind wanted) {
        ResourceName name = parse(text);
        if (name.kind != wanted) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.kind_wrong",
                    "\"" + text + "\" is of kind " + name.kind.segment() + "; this call is for " + wanted.segment());
        }
        return name;
    }

    @Override
    public int compareTo(ResourceName other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return tenant + "/" + namespace + "/" + kind.segment() + "/" + name;
    }
}
