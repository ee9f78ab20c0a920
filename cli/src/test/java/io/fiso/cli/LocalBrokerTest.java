// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.broker.client.RunningBroker;
import io.fiso.cli.output.CommandException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class LocalBrokerTest {
    @TempDir
    Path directory;

    @Test
    void thoseWhoStartOneAtTheSameTimeGetTheSame() throws Exception {
        Path data = directory.resolve("broker");
        Set<RunningBroker> found = new HashSet<>();

        try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
            List<Future<RunningBroker>> both = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                both.add(callers.submit(() -> new LocalBroker(data, LocalBrokerTest::fisoctl).findOrStart()));
            }
            for (Future<RunningBroker> one : both) {
                found.add(one.get());
            }
            assertThat(found).hasSize(1);
            RunningBroker broker = found.iterator().next();
            assertThat(new LocalBroker(data, LocalBrokerTest::fisoctl).find()).contains(broker);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(LocalBroker.LOG))))
                    .isEqualTo("rw-------");
        } finally {
            for (RunningBroker broker : found) {
                ProcessHandle process = ProcessHandle.of(broker.pid()).orElseThrow();
                process.destroy();
                process.onExit().get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(data.resolve("running.json")).doesNotExist();
    }

    @Test
    void whatKeepsItFromStartingIsTold() throws Exception {
        Path data = Files.createDirectory(directory.resolve("broker"));
        Files.createFile(
                data.resolve("access.json"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(data.resolve("access.json"), "nonsense");

        assertThatThrownBy(() -> new LocalBroker(data, LocalBrokerTest::fisoctl).findOrStart())
                .isInstanceOfSatisfying(CommandException.class, e -> {
                    assertThat(e.failure().code()).isEqualTo("broker.not_started");
                    assertThat(e.failure().exit()).isEqualTo(3);
                    assertThat(e.failure().message())
                            .contains("has ended")
                            .contains("error[broker.access_file_invalid]")
                            .contains("nonsense");
                    assertThat(e.failure().remedy())
                            .contains(data.resolve(LocalBroker.LOG).toString());
                });
    }

    private static List<String> fisoctl() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xlog:disable",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Fisoctl.class.getName());
    }
}
