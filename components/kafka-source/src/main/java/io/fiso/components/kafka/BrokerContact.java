// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.kafka.BrokerDiagnosis;
import io.fiso.sdk.SourceContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The first contact: waits, for as long as it takes and telling why, until a broker answers and the topics exist. A broker that refuses this client is an error;
 * waiting would not help.
 */
final class BrokerContact {
    private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(6);
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);

    private final Admin admin;
    private final List<String> brokers;
    private final SourceContext context;
    private String told = "";

    BrokerContact(Admin admin, List<String> brokers, SourceContext context) {
        this.admin = admin;
        this.brokers = brokers;
        this.context = context;
    }

    /** Waits for a broker's first answer: the cluster's id; empty if the source is stopping. */
    Optional<String> awaitCluster() throws InterruptedException {
        while (!context.stopping()) {
            Answer<String> answer = ask(admin.describeCluster().clusterId());
            if (answer.value().isPresent()) {
                hold("");
                return answer.value();
            }
            hold("no Kafka broker answers: " + BrokerDiagnosis.explain(brokers));
            context.await(RETRY_INTERVAL);
        }
        return Optional.empty();
    }

    /** Waits until every topic exists; those that are missing are remembered. False if the source is stopping. */
    boolean awaitTopics(List<String> topics, TopicMemory memory) throws InterruptedException {
        while (!context.stopping()) {
            Set<String> missing = new TreeSet<>(topics);
            Answer<Set<String>> names = ask(admin.listTopics().names());
            if (names.value().isPresent()) {
                missing.removeAll(names.value().get());
                missing.forEach(memory::awaited);
                hold(missing.isEmpty() ? "" : AwaitedTopics.reason(missing));
                if (missing.isEmpty()) {
                    return true;
                }
            } else {
                hold("no Kafka broker answers: " + BrokerDiagnosis.explain(brokers));
            }
            context.await(RETRY_INTERVAL);
        }
        return false;
    }

    /** The ids of those of these topics that exist. */
    Map<String, String> topicIds(Set<String> topics) {
        Map<String, String> ids = new HashMap<>();
        admin.describeTopics(topics).topicNameValues().forEach((topic, described) -> {
            try {
                TopicDescription found = described.get(ATTEMPT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
                ids.put(topic, found.topicId().toString());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw new org.apache.kafka.common.KafkaException(
                            "topic \"" + topic + "\" cannot be described: "
                                    + reason(e).getMessage(),
                            e);
                }
            } catch (TimeoutException e) {
                throw new org.apache.kafka.common.KafkaException(
                        "topic \"" + topic + "\" cannot be described in time", e);
            } catch (InterruptedException e) {
                throw new org.apache.kafka.common.errors.InterruptException(e);
            }
        });
        return ids;
    }

    private record Answer<T>(Optional<T> value) {}

    private <T> Answer<T> ask(org.apache.kafka.common.KafkaFuture<T> question) throws InterruptedException {
        try {
            return new Answer<>(Optional.of(question.get(ATTEMPT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)));
        } catch (TimeoutException _) {
            return new Answer<>(Optional.empty());
        } catch (ExecutionException e) {
            Throwable cause = reason(e);
            if (cause instanceof RetriableException) {
                return new Answer<>(Optional.empty());
            }
            throw new IllegalStateException(
                    "the Kafka brokers " + brokers + " refuse this client: " + cause.getMessage(), cause);
        }
    }

    private static Throwable reason(ExecutionException e) {
        return Objects.requireNonNullElse(e.getCause(), e);
    }

    private void hold(String reason) {
        context.holding(reason);
        if (!reason.equals(told) && !reason.isEmpty()) {
            context.logger().log(System.Logger.Level.WARNING, "Holding: {0}", reason);
        }
        told = reason;
    }
}
