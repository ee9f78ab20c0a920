// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class BrokerOptionsTest {
    @TempDir
    Path directory;

    @Test
    void whereNoneRunsTheRemedyIsToStartOne() {
        RecordedHost host = new RecordedHost(directory);

        assertThat(host.run("stream", "list")).isEqualTo(3);
        assertThat(host.err())
                .contains("error[broker.not_running]: no broker runs in "
                        + directory.resolve("state").resolve("broker"))
                .contains("start one with \"fisoctl broker\"");
    }

    @Test
    void oneIsFoundByItsAddressOrItsDirectory() throws Exception {
        try (ServedBroker broker = new ServedBroker(directory)) {
            RecordedHost elsewhere = new RecordedHost(Files.createDirectory(directory.resolve("elsewhere")));
            Path token = Files.writeString(directory.resolve("token"), broker.token() + "\n");
            String address = "localhost:" + broker.port();

            assertThat(elsewhere.run("kv", "list", "--broker", address, "--token-file", token.toString()))
                    .as(elsewhere.err())
                    .isZero();
            assertThat(elsewhere.run(
                            "kv",
                            "list",
                            "--broker",
                            directory.resolve("state/broker").toString()))
                    .as(elsewhere.err())
                    .isZero();
            assertThat(elsewhere.run("kv", "list", "--broker", address)).isEqualTo(2);
            assertThat(elsewhere.err()).contains("nothing says which token to show");
            assertThat(broker.run("kv", "list", "--token", "wrong").err())
                    .contains("error[broker.unauthenticated]")
                    .contains("access.json");
        }
    }

    @Test
    void oneThatCannotBeReachedIsToldWithItsCause() {
        RecordedHost host = new RecordedHost(directory);

        assertThat(host.run("queue", "list", "--broker", "127.0.0.1:1", "--token", "x"))
                .isEqualTo(3);
        assertThat(host.err())
                .contains("error[broker.unavailable]: the broker at 127.0.0.1:1 cannot be reached: Connection refused");
    }

    @Test
    void whatIsNoAddressIsRefused() {
        for (String nonsense : new String[] {"localhost", ":8090", "localhost:0", "localhost:99999", "localhost:x"}) {
            RecordedHost host = new RecordedHost(directory);
            assertThat(host.run("queue", "list", "--broker", nonsense, "--token", "x"))
                    .isEqualTo(2);
            assertThat(host.err()).contains("\"" + nonsense + "\" is no address of a broker");
        }
    }
}
