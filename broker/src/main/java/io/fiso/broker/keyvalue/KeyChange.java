// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

/**
 * What became of a key.
 *
 * @param entry its revision is that of the change
 */
public record KeyChange(What what, KeyEntry entry) {
    /** How it changed. */
    public enum What {
        PUT,
        DELETE,
        EXPIRE
    }
}
