// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.sdk.SettledPosition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFileTest {
    @TempDir
    private Path directory;

    @Test
    void findsWhatWasWrittenAndKeepsWhatDidNotMove() throws Exception {
        CheckpointFile before = new CheckpointFile(directory);
        before.write(Map.of("a", at(5), "b", at(7)));
        before.write(Map.of("a", at(6)));

        CheckpointFile after = new CheckpointFile(directory);

        assertThat(after.position("a", 0)).isEqualTo(6);
        assertThat(after.position("b", 0)).isEqualTo(7);
        assertThat(after.position("c", 3)).isEqualTo(3);
    }

    @Test
    void keepsTheLedgerBesideItsPosition() throws Exception {
        CheckpointFile before = new CheckpointFile(directory);
        before.write(Map.of("a", new SettledPosition(5, "five"), "b", at(7)));
        before.write(Map.of("b", new SettledPosition(8, "eight")));

        CheckpointFile after = new CheckpointFile(directory);

        assertThat(after.ledger("a")).isEqualTo("five");
        assertThat(after.ledger("b")).isEqualTo("eight");
        assertThat(after.ledger("c")).isEmpty();
    }

    @Test
    void readsAFileFromBeforeThereWereLedgers() throws Exception {
        CRC32 crc = new CRC32();
        crc.update("a=6;b=7;".getBytes(StandardCharsets.UTF_8));
        Files.writeString(
                directory.resolve("checkpoint.json"),
                "{\"crc32\": " + crc.getValue() + ", \"positions\": {\"b\": 7, \"a\": 6}}");

        CheckpointFile file = new CheckpointFile(directory);

        assertThat(file.position("a", 0)).isEqualTo(6);
        assertThat(file.ledger("a")).isEmpty();
    }

    @Test
    void refusesALedgerThatWasChanged() throws Exception {
        new CheckpointFile(directory).write(Map.of("a", new SettledPosition(5, "delivered=5")));
        Path file = directory.resolve("checkpoint.json");
        Files.writeString(file, Files.readString(file).replace("delivered=5", "delivered=6"));

        assertThatThrownBy(() -> new CheckpointFile(directory)).hasMessageContaining("its checksum does not match");
    }

    @Test
    void refusesEveryTornFileAndNamesIt() throws Exception {
        new CheckpointFile(directory).write(Map.of("a", at(1234), "b", at(5678)));
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
        new CheckpointFile(directory).write(Map.of("a", at(1234)));
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
        file.write(Map.of("a", at(5)));
        Files.writeString(directory.resolve("checkpoint.json.next"), "{\"crc32\": 17, \"posi");

        CheckpointFile after = new CheckpointFile(directory);
        assertThat(after.position("a", 0)).isEqualTo(5);
        after.write(Map.of("a", at(6)));

        assertThat(new CheckpointFile(directory).position("a", 0)).isEqualTo(6);
        assertThat(directory.resolve("checkpoint.json.next")).doesNotExist();
    }

    @Test
    void keepsTheOldFileWhenTheNewOneCannotBeWritten() throws Exception {
        CheckpointFile file = new CheckpointFile(directory);
        file.write(Map.of("a", at(5)));
        Files.createDirectories(directory.resolve("checkpoint.json.next"));

        assertThatThrownBy(() -> file.write(Map.of("a", at(6)))).isInstanceOf(IOException.class);

        assertThat(new CheckpointFile(directory).position("a", 0)).isEqualTo(5);
        assertThat(file.position("a", 0))
                .as("nothing is promised that is not on disk")
                .isEqualTo(5);
    }

    private static SettledPosition at(long next) {
        return new SettledPosition(next, "");
    }
}
