// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.server.BrokerServer;
import io.fiso.broker.server.BrokerSettings;
import io.fiso.broker.server.Primitives;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.StreamRecord;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.runtime.ComponentRuntime;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The dead letters of a source that names no store, in a broker that its control plane knows. */
@Timeout(300)
class LettersInABrokerTest {
    private static final String STREAM = "default/test-pipeline/streams/fiso-dlq-test-pipeline";
    private static final EventSink REFUSING = event -> {
        if (Integer.parseInt(event.getId()) % 7 == 0) {
            throw DeliveryException.permanent("404", "gone");
        }
    };

    @TempDir
    private Path directory;

    @Test
    void holdsThePartitionWhileTheBrokerIsAwayAndSettlesWhenTheLettersAreInIt() throws Exception {
        CommittingSource source = new CommittingSource(20, null);
        try (ComponentHarness harness = new ComponentHarness(directory, "numbers->out")) {
            BrokerServer first = serve();
            harness.controlPlane().broker(address(first));
            first.close();
            ComponentRuntime runtime = harness.start("numbers", source, "{}");
            harness.start("out", REFUSING, "{}");
            ComponentHarness.await(
                    "it says so", () -> holding(runtime).contains("cannot be reached"), () -> holding(runtime));
            assertThat(holding(runtime)).contains("dead letters wait for stream " + STREAM);
            assertThat(source.committed()).as("behind the first").isZero();

            try (BrokerServer second = serve()) {
                harness.controlPlane().broker(address(second));
                ComponentHarness.await("everything is committed", () -> source.committed() == 20, source::committed);

                assertThat(read(second))
                        .extracting(record -> record.getHeadersList().stream()
                                .filter(header -> header.getName().equals("fiso-event-id"))
                                .findFirst()
                                .orElseThrow()
                                .getValue()
                                .toStringUtf8())
                        .containsExactly("0", "7", "14");
                assertThat(holding(runtime)).isEmpty();
            }
            assertThat(harness.deadLetters("numbers")).doesNotExist();
        }
    }

    private BrokerServer serve() {
        return BrokerServer.start(
                BrokerSettings.of(directory.resolve("broker"), 0, 0),
                Clock.systemUTC(),
                new Primitives(Clock.systemUTC()));
    }

    private static BrokerAddress address(BrokerServer broker) {
        return new BrokerAddress("127.0.0.1", broker.grpcPort(), Objects.requireNonNull(broker.ownToken()));
    }

    private static List<StreamRecord> read(BrokerServer broker) {
        try (BrokerConnection connection = BrokerConnection.to(address(broker))) {
            return connection
                    .streams()
                    .read(ReadRequest.newBuilder().setStream(STREAM).build())
                    .getRecordsList();
        }
    }

    private static String holding(ComponentRuntime component) {
        return FailuresOverGrpcTest.describe(component).getProgress().getHolding();
    }
}
