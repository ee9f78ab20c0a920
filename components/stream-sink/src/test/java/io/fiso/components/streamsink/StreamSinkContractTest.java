// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.proto.broker.v1.ReadRequest;
import io.fiso.proto.broker.v1.ReadResponse;
import io.fiso.testkit.LocalBroker;
import io.fiso.testkit.SinkRecoveryContract;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The sink's contract, with a real broker as the outside. */
class StreamSinkContractTest extends SinkRecoveryContract {
    private static final int PARTITIONS = 2;
    private LocalBroker broker;

    @BeforeEach
    void startBroker() {
        broker = LocalBroker.start(directory.resolve("broker"));
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    @Override
    protected Object sink() {
        return new StreamSink();
    }

    @Override
    protected String config() {
        BrokerAddress address = broker.address();
        return """
                {"stream": "delivered", "partitions": %d, "address": "%s", "token": "%s", "durability": "os"}""".formatted(PARTITIONS, address, address.token());
    }

    /** The ids in the stream, partition by partition. */
    @Override
    protected List<String> delivered() {
        List<String> ids = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            long offset = 0;
            ReadResponse read;
            do {
                read = broker.connection()
                        .streams()
                        .read(ReadRequest.newBuilder()
                                .setStream("default/default/streams/delivered")
                                .setPartition(partition)
                                .setOffset(offset)
                                .setRecordsMax(10_000)
                                .build());
                offset = read.getNextOffset();
                read.getRecordsList().stream()
                        .flatMap(record -> record.getHeadersList().stream())
                        .filter(header -> header.getName().equals("ce_id"))
                        .forEach(header -> ids.add(header.getValue().toString(UTF_8)));
            } while (read.getRecordsCount() > 0);
        }
        return ids;
    }
}
