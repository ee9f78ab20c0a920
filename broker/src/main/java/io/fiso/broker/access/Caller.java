// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.access;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.ResourceName;
import io.grpc.Context;
import java.util.List;
import java.util.Objects;

/**
 * Who calls, and what it may do.
 *
 * @param name how logs and messages call it; no secret
 */
public record Caller(String name, List<Grant> grants) {
    /** Of a call that came through no authentication: may do nothing. */
    public static final Caller NOBODY = new Caller("nobody", List.of());

    /** Who makes the call that is being served. Set for everything that a service does in a call's context. */
    public static final Context.Key<Caller> KEY = Context.keyWithDefault("fiso-caller", NOBODY);

    public Caller {
        grants = List.copyOf(grants);
    }

    /** May do everything everywhere. */
    public static Caller unbounded(String name) {
        return new Caller(name, List.of(new Grant("*", "*", Permission.ADMIN)));
    }

    /** Who makes the call in whose context this runs; {@link #NOBODY} outside of one. */
    public static Caller current() {
        return Objects.requireNonNullElse(KEY.get(), NOBODY);
    }

    public boolean may(Permission permission, ResourceName resource) {
        return grants.stream().anyMatch(grant -> grant.allows(permission, resource.tenant(), resource.namespace()));
    }

    /**
     * Refuses what it may not do.
     *
     * @throws BrokerException if it may not
     */
    public void require(Permission permission, ResourceName resource) {
        if (!may(permission, resource)) {
            throw new BrokerException(
                    Kind.DENIED,
                    "broker.not_permitted",
                    "\"" + name + "\" has no " + permission.word() + " permission in " + resource.tenant() + "/"
                            + resource.namespace() + "; whoever runs the broker can grant it in its access file");
        }
    }
}
