// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.kafka.CommitNote;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** How many partitions a topic had when the group first read it, as its commits tell. */
final class Known {
    private Known() {}

    static int partitions(Map<TopicPartition, OffsetAndMetadata> committed, String topic) {
        int known = 0;
        for (Map.Entry<TopicPartition, OffsetAndMetadata> position : committed.entrySet()) {
            if (position.getKey().topic().equals(topic)) {
                known = Math.max(
                        known, CommitNote.parse(position.getValue().metadata()).partitions());
            }
        }
        return known;
    }
}
