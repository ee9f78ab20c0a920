// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.proto.broker.v1.ReserveJobsRequest;
import io.fiso.proto.broker.v1.ReserveJobsResponse;
import io.fiso.testkit.LocalBroker;
import io.fiso.testkit.SinkRecoveryContract;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The sink's contract, with a real broker as the outside. */
class QueueSinkContractTest extends SinkRecoveryContract {
    private final List<String> ids = new ArrayList<>();
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
        return new QueueSink();
    }

    @Override
    protected String config() {
        BrokerAddress address = broker.address();
        return """
                {"queue": "delivered", "address": "%s", "token": "%s", "durability": "os"}""".formatted(address, address.token());
    }

    /** The ids of all jobs, in the order in which they are handed out. */
    @Override
    protected List<String> delivered() {
        ReserveJobsResponse jobs;
        do {
            jobs = broker.connection()
                    .queues()
                    .reserveJobs(ReserveJobsRequest.newBuilder()
                            .setQueue("default/default/queues/delivered")
                            .setJobsMax(1_000)
                            .setVisibilityTimeout(
                                    com.google.protobuf.Duration.newBuilder().setSeconds(3_600))
                            .build());
            jobs.getJobsList().stream()
                    .flatMap(job -> job.getContent().getHeadersList().stream())
                    .filter(header -> header.getName().equals("ce_id"))
                    .forEach(header -> ids.add(header.getValue().toString(UTF_8)));
        } while (jobs.getJobsCount() > 0);
        return ids;
    }
}
