// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

/**
 * A partition.
 *
 * @param stream the resource's number
 */
record PartitionId(long stream, int number) {
    @Override
    public String toString() {
        return "partition " + number + " of stream " + stream;
    }
}
