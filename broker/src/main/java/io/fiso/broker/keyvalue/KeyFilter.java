// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

/** Which keys are watched. */
public sealed interface KeyFilter {
    boolean matches(String key);

    /** One. */
    record One(Key key) implements KeyFilter {
        @Override
        public boolean matches(String other) {
            return key.text().equals(other);
        }
    }

    /** Those that begin like this; with an empty text all. */
    record Prefix(String prefix) implements KeyFilter {
        @Override
        public boolean matches(String other) {
            return other.startsWith(prefix);
        }
    }
}
