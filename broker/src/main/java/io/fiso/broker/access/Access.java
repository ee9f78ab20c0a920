// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.access;

import java.util.List;
import java.util.Optional;

/** The callers there are. Immutable. */
public final class Access {
    private static final String SCHEME = "bearer ";

    private final List<Known> callers;

    /** A caller, and what it shows. */
    public record Known(AccessToken token, Caller caller) {}

    public Access(List<Known> callers) {
        this.callers = List.copyOf(callers);
    }

    /**
     * Who shows this header; empty if nobody known.
     *
     * @param authorization the value of the header {@code authorization}: {@code Bearer <token>}
     */
    public Optional<Caller> authenticate(String authorization) {
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        AccessToken shown =
                new AccessToken(authorization.substring(SCHEME.length()).strip());
        Optional<Caller> found = Optional.empty();
        // Always to the end: how long it takes says nothing about which one it was.
        for (Known known : callers) {
            if (known.token().equals(shown)) {
                found = Optional.of(known.caller());
            }
        }
        return found;
    }
}
