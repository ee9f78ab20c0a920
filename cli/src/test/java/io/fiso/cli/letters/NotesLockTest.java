// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two at once on one dead letter topic. */
@Timeout(300)
class NotesLockTest {
    @TempDir
    private Path directory;

    @Test
    void theSecondIsRefusedBeforeItAsksABroker() throws Exception {
        try (ServerSocket broker = new ServerSocket(0);
                NotesLock _ = NotesLock.take(directory.resolve("letters.lock"), "topic letters");
                KafkaLetterStore second = store(broker, "letters")) {
            assertThatThrownBy(second::openNotes)
                    .isInstanceOf(LetterStore.BusyException.class)
                    .hasMessage("another fisoctl replays or discards letters of pipeline \"orders\" in topic letters");
            broker.setSoTimeout(1);
            assertThatThrownBy(broker::accept).isInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    @Test
    void whoOpensNotesHoldsTheLockUntilTheEnd() throws Exception {
        // It accepts nobody, so that opening the notes fails, after the lock was taken.
        try (ServerSocket broker = new ServerSocket(0)) {
            KafkaLetterStore first = store(broker, "letters");
            assertThatThrownBy(first::openNotes).isInstanceOf(KafkaException.class);

            try (KafkaLetterStore second = store(broker, "letters");
                    KafkaLetterStore other = store(broker, "other")) {
                assertThatThrownBy(second::openNotes).isInstanceOf(LetterStore.BusyException.class);
                assertThatThrownBy(other::openNotes).isInstanceOf(KafkaException.class);
                first.close();
                assertThatThrownBy(second::openNotes).isInstanceOf(KafkaException.class);
            }
        }
        assertThat(directory).isDirectoryContaining(file -> file.endsWith("letters.lock"));
    }

    private KafkaLetterStore store(ServerSocket broker, String topic) {
        return new KafkaLetterStore(
                Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:" + broker.getLocalPort(),
                        "default.api.timeout.ms",
                        "500",
                        "request.timeout.ms",
                        "400"),
                topic,
                "orders",
                Duration.ofMillis(500),
                Optional.of(directory));
    }
}
