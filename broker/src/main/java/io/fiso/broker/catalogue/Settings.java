// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.catalogue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** What a resource has by its kind. */
public sealed interface Settings {
    Duration MILLISECOND = Duration.ofMillis(1);

    ResourceKind kind();

    /** The defaults of a kind. */
    static Settings of(ResourceKind kind) {
        return switch (kind) {
            case STREAM -> new Stream(1, Retention.FOREVER);
            case QUEUE -> new Queue(Queue.VISIBILITY_TIMEOUT, Queue.ATTEMPTS_MAX, Optional.empty());
            case KEY_VALUE -> new KeyValue(Optional.empty());
        };
    }

    /** @param partitions from 1 to {@link #PARTITIONS_MAX} */
    record Stream(int partitions, Retention retention) implements Settings {
        public static final int PARTITIONS_MAX = 256;

        public Stream {
            require(partitions >= 1 && partitions <= PARTITIONS_MAX, "partitions", partitions, "1 to 256");
        }

        @Override
        public ResourceKind kind() {
            return ResourceKind.STREAM;
        }
    }

    /**
     * What a stream keeps: a record goes when any of the first three says so, but never if {@code untilConsumed} holds it.
     *
     * @param ageMax how old a record gets
     * @param partitionBytesMax how many bytes a partition's records have together
     * @param partitionRecordsMax how many records a partition has
     * @param untilConsumed whether a record stays until every consumer group has committed past it, and then goes
     */
    record Retention(
            Optional<Duration> ageMax,
            OptionalLong partitionBytesMax,
            OptionalLong partitionRecordsMax,
            boolean untilConsumed) {
        public static final Retention FOREVER =
                new Retention(Optional.empty(), OptionalLong.empty(), OptionalLong.empty(), false);

        public Retention {
            ageMax.ifPresent(age -> require(age.isPositive(), "retention.age_max", age, "more than 0"));
        }
    }

    /**
     * Of a queue.
     *
     * @param visibilityTimeout how long a job that was handed out stays invisible, by default; from 1 ms to 12 h
     * @param attemptsMax after how many deliveries without an ack a job is a dead letter; at least 1
     * @param deadLetterQueue the last part of that queue's name; empty for this one's with ".dlq"
     */
    record Queue(Duration visibilityTimeout, int attemptsMax, Optional<String> deadLetterQueue) implements Settings {
        public static final Duration VISIBILITY_TIMEOUT = Duration.ofSeconds(30);
        public static final Duration VISIBILITY_TIMEOUT_MAX = Duration.ofHours(12);
        public static final int ATTEMPTS_MAX = 5;

        public Queue {
            require(
                    visibilityTimeout.compareTo(MILLISECOND) >= 0
                            && visibilityTimeout.compareTo(VISIBILITY_TIMEOUT_MAX) <= 0,
                    "visibility_timeout",
                    visibilityTimeout,
                    "1 ms to 12 h");
            require(attemptsMax >= 1, "attempts_max", attemptsMax, "1 or more");
            deadLetterQueue.ifPresent(ResourceName::requirePart);
        }

        @Override
        public ResourceKind kind() {
            return ResourceKind.QUEUE;
        }
    }

    /** @param defaultTtl how long a key lives if its put does not say, from 1 ms to 3660 days; empty for ever */
    record KeyValue(Optional<Duration> defaultTtl) implements Settings {
        public static final Duration DEFAULT_TTL_MAX = Duration.ofDays(3_660);

        public KeyValue {
            defaultTtl.ifPresent(ttl -> require(
                    ttl.compareTo(MILLISECOND) >= 0 && ttl.compareTo(DEFAULT_TTL_MAX) <= 0,
                    "default_ttl",
                    ttl,
                    "1 ms to 3660 days"));
        }

        @Override
        public ResourceKind kind() {
            return ResourceKind.KEY_VALUE;
        }
    }

    private static void require(boolean holds, String what, Object value, String allowed) {
        if (!holds) {
            throw new BrokerException(
                    Kind.INVALID, "broker.setting_invalid", what + " is " + value + "; it can be " + allowed);
        }
    }
}
