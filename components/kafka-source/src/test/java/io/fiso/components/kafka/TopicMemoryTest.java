// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicMemoryTest {
    @TempDir
    Path directory;

    @Test
    void knowsATopicAgainByItsId() throws Exception {
        TopicMemory memory = TopicMemory.in(directory, "cluster", "group");
        assertThat(memory.past("orders", "id-1")).isEqualTo(TopicMemory.Past.NEW);
        memory.read("orders", "id-1");

        TopicMemory later = TopicMemory.in(directory, "cluster", "group");
        assertThat(later.past("orders", "id-1")).isEqualTo(TopicMemory.Past.READ);
        assertThat(later.past("orders", "id-2")).isEqualTo(TopicMemory.Past.CREATED_SINCE);
        assertThat(TopicMemory.in(directory, "cluster", "other group").past("orders", "id-1"))
                .isEqualTo(TopicMemory.Past.NEW);
        assertThat(TopicMemory.in(directory, "other", "group").past("orders", "id-1"))
                .isEqualTo(TopicMemory.Past.NEW);
    }

    @Test
    void remembersThatATopicWasMissingUntilItIsRead() throws Exception {
        TopicMemory.in(directory, "cluster", "group").awaited("orders");
        TopicMemory memory = TopicMemory.in(directory, "cluster", "group");
        assertThat(memory.past("orders", "id-1")).isEqualTo(TopicMemory.Past.CREATED_SINCE);
        memory.read("orders", "id-1");
        memory.awaited("orders");
        assertThat(memory.past("orders", "id-1")).isEqualTo(TopicMemory.Past.READ);
    }
}
