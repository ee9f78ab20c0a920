// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import java.util.List;

/**
 * Records of one partition that follow each other.
 *
 * @param nextOffset where to go on
 * @param earliestOffset the first that is kept
 * @param endOffset the one after the last there is
 * @param skipped how many offsets before the first of these were asked for and are no longer kept
 */
public record Slice(List<KeptRecord> records, long nextOffset, long earliestOffset, long endOffset, long skipped) {

    public long bytes() {
        return records.stream().mapToLong(KeptRecord::bytes).sum();
    }
}
