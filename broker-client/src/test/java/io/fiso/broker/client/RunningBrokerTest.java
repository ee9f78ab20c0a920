// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningBrokerTest {
    private static final String TOKEN = "t".repeat(40);

    @TempDir
    Path directory;

    @Test
    void oneThatRunsIsFoundAndItsTokenIsTheOwnersAlone() throws IOException {
        RunningBroker here = RunningBroker.here(8090, 8091, TOKEN);
        here.write(directory);

        assertThat(RunningBroker.find(directory)).contains(here);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("running.json"))))
                .isEqualTo("rw-------");
        assertThat(here.toString()).doesNotContain(TOKEN);
        assertThat(here.address().toString()).isEqualTo("127.0.0.1:8090");
    }

    @Test
    void anotherProcessOfTheSameNumberIsNotTakenForIt() throws IOException {
        RunningBroker here = RunningBroker.here(8090, 8091, TOKEN);
        new RunningBroker(here.pid(), here.started() - 1, 8090, 8091, TOKEN).write(directory);

        assertThat(RunningBroker.find(directory)).isEmpty();
    }

    @Test
    void whatCannotBeReadIsAsGoodAsNone() throws IOException {
        assertThat(RunningBroker.find(directory)).isEmpty();
        Files.writeString(directory.resolve("running.json"), "{\"pid\": ");
        assertThat(RunningBroker.find(directory)).isEmpty();
    }

    @Test
    void oneRemovesOnlyWhatItSaidItself() throws IOException {
        RunningBroker first = RunningBroker.here(8090, 8091, TOKEN);
        RunningBroker second = RunningBroker.here(8092, 8093, TOKEN);
        second.write(directory);

        first.remove(directory);
        assertThat(RunningBroker.find(directory)).contains(second);
        second.remove(directory);
        assertThat(RunningBroker.find(directory)).isEmpty();
    }
}
