// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.broker.BrokerException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real process on real files, killed while it writes: all that it answered for is there, whatever the durability. */
@Timeout(600)
class StoreKillTest {
    private static final int KILLS = Integer.getInteger("fiso.kills", 20);

    @TempDir
    Path directory;

    @Test
    void nothingThatWasAnsweredIsLostWhenTheProcessIsKilled() throws Exception {
        Set<Long> answered = new HashSet<>();
        long torn = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            torn += writeUntilKilled(kill, answered) > 0 ? 1 : 0;
        }
        try (Store store = Store.open(directory)) {
            for (long number : answered) {
                byte[] value =
                        store.read(view -> view.get("t", Long.toString(number).getBytes(UTF_8)));
                assertThat(value).as("the value of %s", number).isNotNull();
                assertThat(new String(value, UTF_8))
                        .isEqualTo(("value of " + number + " ").repeat((int) (number % 97)));
            }
        }
        assertThat(answered).hasSizeGreaterThan(KILLS * 20);
        System.out.printf("%d kills, %d answered writes, %d torn tails%n", KILLS, answered.size(), torn);
    }

    @Test
    void aDirectoryThatAnotherProcessUsesIsRefusedWithItsNumber() throws Exception {
        Process process = start(0);
        try (BufferedReader out = process.inputReader(UTF_8)) {
            assertThat(out.readLine()).startsWith("open ");
            assertThatThrownBy(() -> Store.open(directory).close())
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("another process uses it: pid " + process.pid());
        } finally {
            process.destroyForcibly().waitFor();
        }
        Store.open(directory).close();
    }

    /** Answers how many bytes were cut off when it was opened. */
    private long writeUntilKilled(int kill, Set<Long> answered) throws IOException, InterruptedException {
        Process process = start(kill * 10_000_000L);
        long dropped = 0;
        try (BufferedReader out = process.inputReader(UTF_8)) {
            int before = answered.size();
            boolean killed = false;
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("open ")) {
                    dropped = Long.parseLong(line.substring(5));
                } else if (line.matches("done \\d+\\.")) { // The last line may be cut.
                    answered.add(Long.parseLong(line.substring(5, line.length() - 1)));
                }
                if (!killed && answered.size() - before >= 50 + kill * 37) {
                    process.toHandle().destroyForcibly(); // And not the process: that would close its output.
                    killed = true;
                }
            }
            assertThat(killed).as("it ended before it was killed").isTrue();
        }
        process.waitFor();
        return dropped;
    }

    private Process start(long first) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        directory.toString(),
                        Long.toString(first))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
