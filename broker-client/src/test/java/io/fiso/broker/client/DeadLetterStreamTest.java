// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLetterStreamTest {
    @TempDir
    Path directory;

    @Test
    void aTopicThatCanBeANameIsOne() {
        DeadLetterStream letters = DeadLetterStream.of("shop", "fiso-dlq-shop");

        assertThat(letters.stream()).isEqualTo("default/shop/streams/fiso-dlq-shop");
        assertThat(letters.notes()).isEqualTo("default/shop/kv/fiso-dlq-shop-resolved");
    }

    @Test
    void otherTopicsBecomeNamesThatABrokerTakesAndNoTwoTheSame() {
        String lengthy = "t".repeat(249);
        for (String topic : new String[] {"_orders", ".orders", lengthy, "t".repeat(92)}) {
            DeadLetterStream letters = DeadLetterStream.of("shop", topic);

            assertThat(ResourceNames.STREAM.whole(letters.stream())).isEqualTo(letters.stream());
            assertThat(ResourceNames.KEY_VALUE.whole(letters.notes())).isEqualTo(letters.notes());
            assertThat(letters).isEqualTo(DeadLetterStream.of("shop", topic));
        }
        assertThat(DeadLetterStream.of("shop", lengthy)).isNotEqualTo(DeadLetterStream.of("shop", lengthy + "t"));
        assertThat(DeadLetterStream.of("shop", "_orders")).isNotEqualTo(DeadLetterStream.of("shop", ".orders"));
    }

    @Test
    void streamsWithLettersAreFoundInTheDirectoryOfTheirPipeline() throws IOException {
        Path letters = directory.resolve("dead-letters");
        assertThat(DeadLetterStream.marked(letters)).isEmpty();
        DeadLetterStream second = DeadLetterStream.of("shop", "second");
        DeadLetterStream first = DeadLetterStream.of("shop", "first");

        second.mark(letters);
        first.mark(letters);
        first.mark(letters);
        Files.writeString(letters.resolve("orders.jsonl"), "");

        assertThat(DeadLetterStream.marked(letters)).containsExactly(first, second);
        assertThat(letters).isDirectoryNotContaining("glob:**.tmp");
    }
}
