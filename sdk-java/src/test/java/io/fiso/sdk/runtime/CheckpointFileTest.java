// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFileTest {
    @TempDir
    private Path directory;

    @Test
    void findsWhatWasWrittenAndKeepsWhatDidNotMove() throws Exception {
        CheckpointFile before = new CheckpointFile(directory);
        before.write(Map.of("a", 5L, "b", 7L));
        before.write(Map.of("a", 6L));

        CheckpointFile after = new CheckpointFile(directory);

        assertThat(after.position("a", 0)).isEqualTo(6);
        assertThat(after.position("b", 0)).isEqualTo(7);
        assertThat(after.position("c", 3)).isEqualTo(3);
    }

    @Test
    void refusesEveryTornFileAndNamesIt() throws Exception {
        new CheckpointFile(directory).write(Map.of("a", 1234L, "b", 5678L));
        Path file = directory.resolve("checkpoint.json");
        byte[] whole = Files.readAllBytes(file);

        for (int length = 0; length < whole.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));

            assertThatThrownBy(() -> new CheckpointFile(directory))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("is damaged")
                    .hasMessageContaining("delete it to start from the beginning");
        }
    }

    @Test
    void refusesAPositionThatWasChanged() throws Exception {
        new CheckpointFile(directory).write(Map.of("a", 1234L));
        Path file = directory.resolve("checkpoint.json");
        Files.writeString(file, Files.readString(file).replace("1234", "1235"));

        assertThatThrownBy(() -> new CheckpointFile(directory)).hasMessageContaining("its checksum does not match");
    }

    @Test
    void refusesJsonThatIsNoCheckpoint() throws Exception {
        for (String text : new String[] {"null", "[]", "{\"crc32\": 1, \"positions\": {\"a\": null}}"}) {
            Files.writeString(directory.resolve("checkpoint.json"), text);

            assertThatThrownBy(() -> new CheckpointFile(directory))
                    .as(text)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is damaged");
        }
    }

    @Test
    void goesOnFromTheLastWholeFileAfterACrashInTheMiddleOfAWrite() throws Exception {
        CheckpointFile file = new CheckpointFile(directory);
        file.write(Map.of("a", 5L));
        Files.writeString(directory.resolve("checkpoint.json.next"), "{\"crc32\": 17, \"posi");

        CheckpointFile after = new CheckpointFile(directory);
        assertThat(after.position("a", 0)).isEqualTo(5);
        after.write(Map.of("a", 6L));

        assertThat(new CheckpointFile(directory).position("a", 0)).isEqualTo(6);
        assertThat(directory.resolve("checkpoint.json.next")).doesNotExist();
    }

    @Test
    void keepsTheOldFileWhenTheNewOneCannotBeWritten() throws Exception {
        CheckpointFile file = new CheckpointFile(directory);
        file.write(Map.of("a", 5L));
        Files.createDirectories(directory.resolve("checkpoint.json.next"));

        assertThatThrownBy(() -> file.write(Map.of("a", 6L))).isInstanceOf(IOException.class);

        assertThat(new CheckpointFile(directory).position("a", 0)).isEqualTo(5);
        assertThat(file.position("a", 0))
                .as("nothing is promised that is not on disk")
                .isEqualTo(5);
    }
}
