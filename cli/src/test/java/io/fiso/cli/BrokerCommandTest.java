// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.client.RunningBroker;
import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Primitives;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class BrokerCommandTest {
    @TempDir
    Path directory;

    private RecordedHost host;

    @BeforeEach
    void fresh() {
        host = new RecordedHost(directory);
    }

    @Test
    void endsByItselfWhenNobodyComes() {
        assertThat(host.run("broker", "--port", "0", "--http-port", "0", "--until-idle", "50ms"))
                .isZero();

        assertThat(host.err()).contains("Stopping the broker: nobody has been connected for 50 ms");
        assertThat(directory.resolve("state/broker/access.json")).exists();
        assertThat(directory.resolve("state/broker/running.json")).doesNotExist();
    }

    @Test
    void saysThatNobodyFindsItIfItHasNoTokenForThem() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        Path access = Files.createFile(
                data.resolve("access.json"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(access, """
                {"callers": [{"name": "shop", "token": "0123456789012345678901234567890123456789",
                              "grants": [{"namespaces": "default/shop", "permission": "write"}]}]}""");

        assertThat(host.run(
                        "broker",
                        "--data",
                        data.toString(),
                        "--port",
                        "0",
                        "--http-port",
                        "0",
                        "--until-idle",
                        "50ms",
                        "-o",
                        "json"))
                .isZero();

        assertThat(host.err()).contains("warning: " + access + " has no token that is good for everything");
        assertThat(host.out().lines().findFirst().orElse(""))
                .contains("\"event\":\"ready\"")
                .contains("\"findable\":false");
    }

    @Test
    void aSecondOneSaysWhoHasTheDirectory() throws Exception {
        Path data = directory.resolve("data");
        Clock clock = Clock.systemUTC();
        try (BrokerServer first = BrokerServer.start(BrokerSettings.of(data, 0, 0), clock, new Primitives(clock))) {
            RunningBroker.here(first.grpcPort(), first.httpPort(), "token").write(data);

            assertThat(host.run("broker", "--data", data.toString(), "--port", "0", "--http-port", "0"))
                    .isEqualTo(3);

            assertThat(host.err())
                    .contains("error[broker.store_in_use]: a broker has " + data + " already: process "
                            + ProcessHandle.current().pid() + ", gRPC 127.0.0.1:" + first.grpcPort()
                            + ", HTTP http://127.0.0.1:" + first.httpPort());
        }
    }

    @Test
    void noTimeAtAllIsNoTimeToConnect() {
        assertThat(host.run("broker", "--until-idle", "0s")).isEqualTo(2);
        assertThat(host.err()).contains("--until-idle has to leave some time");
    }
}
