// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import java.util.List;
import java.util.SortedMap;

/**
 * A consumer group.
 *
 * @param members who is in it now, with their partitions
 * @param progress by partition
 */
public record GroupDescription(
        String group, long generation, SortedMap<String, List<Integer>> members, List<Progress> progress) {

    /**
     * How far it is in one partition.
     *
     * @param committed with what was said with it
     * @param lag how many records that are kept are still before it
     */
    public record Progress(Position committed, long lag) {
        public int partition() {
            return committed.partition();
        }

        public long committedOffset() {
            return committed.offset();
        }
    }
}
