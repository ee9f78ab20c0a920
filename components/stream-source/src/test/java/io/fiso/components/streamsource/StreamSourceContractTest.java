// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.sdk.EventSource;
import io.fiso.testkit.LocalBroker;
import io.fiso.testkit.SourceRecoveryContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The source's contract, over a stream that a bounded read comes to the end of. */
class StreamSourceContractTest extends SourceRecoveryContract {
    private static final int EVENTS = 3_000;

    private LocalBroker broker;

    @BeforeEach
    void fillAStream() {
        broker = LocalBroker.start(directory.resolve("broker"));
        TestStream stream = TestStream.create(broker, 3);
        stream.appendNumbered(0, EVENTS);
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    @Override
    protected EventSource source() {
        return new StreamSource();
    }

    @Override
    protected String config() {
        BrokerAddress address = broker.address();
        return """
                {"stream": "shop/orders", "address": "%s", "token": "%s", "startOffset": "earliest", "until": "end"}""".formatted(address, address.token());
    }

    @Override
    protected int expected() {
        return EVENTS;
    }
}
