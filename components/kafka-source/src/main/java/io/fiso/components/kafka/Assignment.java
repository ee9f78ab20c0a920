// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The partitions of this member, and what follows from all of them together. */
final class Assignment {
    private final Map<TopicPartition, PartitionFeed> feeds = new HashMap<>();

    /**
     * What the consumer should do.
     *
     * @param pause these partitions are held
     * @param resume these are not any more
     */
    record Flow(Set<TopicPartition> pause, Set<TopicPartition> resume) {}

    void add(PartitionFeed feed) {
        feeds.put(feed.partition(), feed);
    }

    void remove(PartitionFeed feed) {
        feeds.remove(feed.partition());
        feed.release();
    }

    Collection<PartitionFeed> all() {
        return feeds.values();
    }

    Set<TopicPartition> partitions() {
        return Set.copyOf(feeds.keySet());
    }

    @Nullable
    PartitionFeed of(TopicPartition partition) {
        return feeds.get(partition);
    }

    /** Those of these partitions that are held here. */
    List<PartitionFeed> of(Collection<TopicPartition> partitions) {
        List<PartitionFeed> found = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            PartitionFeed feed = feeds.get(partition);
            if (feed != null) {
                found.add(feed);
            }
        }
        return found;
    }

    /** What to pause and resume, given what is paused. */
    Flow flow(Set<TopicPartition> paused) {
        Set<TopicPartition> pause = new HashSet<>();
        Set<TopicPartition> resume = new HashSet<>();
        for (PartitionFeed feed : feeds.values()) {
            boolean isPaused = paused.contains(feed.partition());
            if (feed.holding() && !isPaused) {
                pause.add(feed.partition());
            } else if (!feed.holding() && isPaused) {
                resume.add(feed.partition());
            }
        }
        return new Flow(pause, resume);
    }

    /** Whether something fetched waits for the pipeline. */
    boolean waiting() {
        return feeds.values().stream().anyMatch(feed -> feed.waiting() || feed.firstCommit() != null);
    }

    boolean allSettled() {
        return feeds.values().stream().allMatch(PartitionFeed::allSettled);
    }

    /** Whether every partition here is read to its end. True without partitions: others have them. */
    boolean finished() {
        return feeds.values().stream().allMatch(PartitionFeed::finished);
    }

    /** The partitions whose end is still open. */
    Set<TopicPartition> openEnds() {
        Set<TopicPartition> open = new HashSet<>();
        for (PartitionFeed feed : feeds.values()) {
            if (feed.endOpen()) {
                open.add(feed.partition());
            }
        }
        return open;
    }
}
