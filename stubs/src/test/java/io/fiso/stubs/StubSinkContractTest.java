// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.stubs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.sdk.event.JsonFormat;
import io.fiso.testkit.SinkRecoveryContract;
import java.nio.file.Files;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

class StubSinkContractTest extends SinkRecoveryContract {
    @Override
    protected Object sink() {
        return new StubSink();
    }

    @Override
    protected String config() {
        return "{\"record\": \"" + directory.resolve("arrived.jsonl") + "\", \"fail\": []}";
    }

    @Override
    protected List<String> delivered() throws Exception {
        return Files.readAllLines(directory.resolve("arrived.jsonl")).stream()
                .map(line -> JsonMapper.shared().readTree(line).path("event").toString())
                .map(event -> JsonFormat.decode(event.getBytes(UTF_8)).getId())
                .toList();
    }
}
