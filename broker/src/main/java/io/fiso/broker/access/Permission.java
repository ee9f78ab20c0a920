// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a caller may do in a namespace; each includes those before it. */
public enum Permission {
    /** See what there is, and read it. */
    READ,
    /** Change what a resource holds, consumer groups and leases among it. */
    WRITE,
    /** Make and remove resources. */
    ADMIN;

    public boolean includes(Permission other) {
        return compareTo(other) >= 0;
    }

    /** As it stands in a file: {@code read}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Permission> of(String word) {
        return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
    }
}
