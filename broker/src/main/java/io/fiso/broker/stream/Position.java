// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

/**
 * A partition, and the offset of the next record in it.
 *
 * @param note what is committed with it; empty without
 */
public record Position(int partition, long offset, String note) {
    /** Without a note. */
    public Position(int partition, long offset) {
        this(partition, offset, "");
    }
}
