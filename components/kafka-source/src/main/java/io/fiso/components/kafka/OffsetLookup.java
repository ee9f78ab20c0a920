// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** What the cluster can be asked about partitions. Every method may throw a {@link org.apache.kafka.common.KafkaException}. */
interface OffsetLookup {
    /** The partitions that a topic has now; none if there is no such topic. */
    Set<TopicPartition> partitions(String topic);

    /** What the group has committed. */
    Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions);

    /** The offsets of the first records there are. */
    Map<TopicPartition, Long> beginnings(Collection<TopicPartition> partitions);

    /** The offsets behind the last records. */
    Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions);

    /** The offsets of the first records with this timestamp or a later one; behind the last record where there is none. */
    Map<TopicPartition, Long> since(Collection<TopicPartition> partitions, Instant time);
}
