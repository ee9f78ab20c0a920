// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers in the state directory which topics a group has read from this component: so that a topic which was missing at first, or was created anew, is read
 * from its beginning, and positions that the cluster has forgotten are missed.
 */
final class TopicMemory {
    private static final String AWAITED = "awaited";

    private final Path file;
    private final String scope;
    private final Map<String, String> topics;

    private TopicMemory(Path file, String scope, Map<String, String> topics) {
        this.file = file;
        this.scope = scope;
        this.topics = topics;
    }

    /** What was remembered for this group of this cluster. */
    static TopicMemory in(Path directory, String cluster, String group) throws IOException {
        Path file = directory.resolve("topics");
        Map<String, String> topics = new TreeMap<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                int space = line.lastIndexOf(' ');
                if (space > 0) {
                    topics.put(line.substring(0, space), line.substring(space + 1));
                }
            }
        }
        return new TopicMemory(file, cluster + " " + group + " ", topics);
    }

    /** What is known of a topic for which the group has no position. */
    enum Past {
        /** Never read. */
        NEW,
        /** It was missing when this component first looked, or it has been created anew since it was read. */
        CREATED_SINCE,
        /** This very topic was read, and positions were committed. */
        READ
    }

    Past past(String topic, @Nullable String id) {
        String known = topics.get(scope + topic);
        if (known == null) {
            return Past.NEW;
        }
        return known.equals(id) ? Past.READ : Past.CREATED_SINCE;
    }

    /** The topic does not exist yet. */
    void awaited(String topic) {
        if (!topics.containsKey(scope + topic)) {
            remember(topic, AWAITED);
        }
    }

    /** A position in the topic with this id is committed. */
    void read(String topic, String id) {
        if (!id.equals(topics.get(scope + topic))) {
            remember(topic, id);
        }
    }

    private void remember(String topic, String what) {
        topics.put(scope + topic, what);
        try {
            Files.createDirectories(file.getParent());
            Path fresh = file.resolveSibling("topics.new");
            Files.write(
                    fresh,
                    topics.entrySet().stream()
                            .map(entry -> entry.getKey() + " " + entry.getValue())
                            .toList());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
