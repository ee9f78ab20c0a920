// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.broker.client.RunningBroker;
import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Primitives;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class PipelineBrokerTest {
    @TempDir
    Path directory;

    private final List<RunningBroker> told = new ArrayList<>();

    @Test
    void givesTheOneThatRunsAndTellsOfEachOnce() throws Exception {
        PipelineBroker provider = provider();
        RunningBroker first;
        try (BrokerServer server = serve()) {
            first = said(server);
            assertThat(provider.find()).isEqualTo(first.address());
            assertThat(provider.find()).isEqualTo(first.address());
            assertThat(told).containsExactly(first);
        }
        try (BrokerServer server = serve()) {
            RunningBroker second = said(server);
            assertThat(provider.find()).isEqualTo(second.address());
            assertThat(told).containsExactly(first, second);
        }
    }

    @Test
    void saysWhyNoneIsThereAndWhatToDo() {
        assertThatThrownBy(provider()::find)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the broker that was started in " + directory + " has ended")
                .hasMessageContaining("\"fisoctl broker\" in a terminal shows what is wrong");
        assertThat(told).isEmpty();
    }

    @Test
    void isForProcessesOfThisMachineAlone() {
        assertThat(provider().reaches("process")).isTrue();
        assertThat(provider().reaches("kubernetes")).isFalse();
    }

    /** Where no broker runs, what is started ends at once. */
    private PipelineBroker provider() {
        return new PipelineBroker(new LocalBroker(directory, () -> List.of("/bin/false")), told::add);
    }

    private BrokerServer serve() {
        Clock clock = Clock.systemUTC();
        return BrokerServer.start(BrokerSettings.of(directory, 0, 0), clock, new Primitives(clock));
    }

    private RunningBroker said(BrokerServer server) throws IOException {
        RunningBroker running =
                RunningBroker.here(server.grpcPort(), server.httpPort(), Objects.requireNonNull(server.ownToken()));
        running.write(directory);
        return running;
    }
}
