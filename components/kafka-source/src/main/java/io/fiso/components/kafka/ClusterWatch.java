// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.kafka.BrokerDiagnosis;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the cluster from time to time without ever waiting for it: where partitions end, also of those that the consumer does not fetch; whether brokers
 * answer and the topics exist. Safe for use by any thread.
 */
final class ClusterWatch implements AutoCloseable {
    private final Admin admin;
    private final List<String> brokers;
    private final List<String> topics;
    private final IsolationLevel isolation;
    private final Map<TopicPartition, Long> ends = new ConcurrentHashMap<>();
    private final AtomicInteger outstanding = new AtomicInteger();
    private volatile String problem = "";

    ClusterWatch(Admin admin, List<String> brokers, List<String> topics, IsolationLevel isolation) {
        this.admin = admin;
        this.brokers = brokers;
        this.topics = topics;
        this.isolation = isolation;
    }

    /** Asks, unless answers are still outstanding. */
    void look(Collection<TopicPartition> partitions) {
        if (!outstanding.compareAndSet(0, 1 + partitions.size())) {
            return;
        }
        Map<String, KafkaFuture<TopicDescription>> described =
                admin.describeTopics(topics).topicNameValues();
        KafkaFuture.allOf(described.values().toArray(KafkaFuture<?>[]::new)).whenComplete((_, failure) -> {
            Set<String> missing = missing(described);
            if (failure == null || !missing.isEmpty()) {
                problem = missing.isEmpty() ? "" : AwaitedTopics.reason(missing);
                outstanding.decrementAndGet();
            } else {
                Thread.ofVirtual().name("kafka-diagnosis").start(this::diagnose);
            }
        });
        if (partitions.isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        var listed = admin.listOffsets(latest, new ListOffsetsOptions(isolation));
        for (TopicPartition partition : latest.keySet()) {
            listed.partitionResult(partition).whenComplete((end, _) -> {
                if (end != null) {
                    ends.put(partition, end.offset());
                }
                outstanding.decrementAndGet();
            });
        }
    }

    private void diagnose() {
        problem = "no Kafka broker answers: " + BrokerDiagnosis.explain(brokers);
        outstanding.decrementAndGet();
    }

    private static Set<String> missing(Map<String, KafkaFuture<TopicDescription>> described) {
        Set<String> missing = new TreeSet<>();
        described.forEach((topic, future) -> {
            if (future.isCompletedExceptionally()
                    && future.exceptionNow() instanceof UnknownTopicOrPartitionException) {
                missing.add(topic);
            }
        });
        return missing;
    }

    /** Where a partition ended when it was last looked at. */
    @Nullable
    Long end(TopicPartition partition) {
        return ends.get(partition);
    }

    /** What the source waits for outside; empty if nothing. */
    String problem() {
        return problem;
    }

    @Override
    public void close() {
        admin.close(java.time.Duration.ZERO);
    }
}
