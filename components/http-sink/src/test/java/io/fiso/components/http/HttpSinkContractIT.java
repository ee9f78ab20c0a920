// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.http;

import io.fiso.testkit.SinkRecoveryContract;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class HttpSinkContractIT extends SinkRecoveryContract {
    private Endpoint endpoint;

    @BeforeEach
    void startEndpoint() throws IOException {
        endpoint = new Endpoint();
    }

    @AfterEach
    void stopEndpoint() {
        endpoint.close();
    }

    @Override
    protected Object sink() {
        return new HttpSink();
    }

    @Override
    protected String config() {
        return "{\"url\": \"" + endpoint.url("/events") + "\"}";
    }

    @Override
    protected List<String> delivered() {
        return endpoint.requests().stream()
                .map(request -> Objects.requireNonNull(request.header("fiso-event-id")))
                .toList();
    }
}
