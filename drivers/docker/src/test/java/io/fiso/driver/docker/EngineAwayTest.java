// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EngineAwayTest {
    @TempDir
    Path directory;

    @Test
    void withoutAnEngineTheDriverSaysSoInOneSentence() {
        String host = "unix://" + directory.resolve("docker.sock");
        DockerDriver driver =
                new DockerDriver(new DockerDriverConfig(Optional.of(host), "n", "fiso/", "1", Optional.empty()));
        Handle handle =
                new Handle("docker", 1, Map.of("mark", "m", "log", "/x/c.log", "log_from", "0", "out", "/x/c.out"));

        assertThatThrownBy(() -> driver.recover(handle))
                .isInstanceOfSatisfying(
                        DriverException.class, e -> assertThat(e.code()).isEqualTo("driver.unavailable"))
                .hasMessageStartingWith(
                        "no Docker engine answers at " + host + ": there is no such socket; install Docker");
        driver.close();
    }

    @Test
    void tellsAMissingPermissionFromAMissingEngine() {
        String address = "unix://" + directory;

        assertThat(EngineAway.sentence(address, new RuntimeException(new SocketException("Permission denied"))))
                .contains("may not use the socket", "usermod -aG docker");
        assertThat(EngineAway.sentence(address, new RuntimeException(new ConnectException("Connection refused"))))
                .contains("Connection refused; start it");
        assertThat(EngineAway.sentence("tcp://far:2375", new ConnectException("Connection refused")))
                .contains("DOCKER_HOST");
    }
}
