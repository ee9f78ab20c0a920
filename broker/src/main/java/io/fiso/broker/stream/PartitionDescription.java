// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

/**
 * What there is of a partition.
 *
 * @param earliestOffset the first that is kept
 * @param endOffset the one after the last
 * @param bytes of the records that are kept
 * @param segments in how many segments; retention takes whole ones
 */
public record PartitionDescription(int partition, long earliestOffset, long endOffset, long bytes, int segments) {
    public long records() {
        return endOffset - earliestOffset;
    }
}
