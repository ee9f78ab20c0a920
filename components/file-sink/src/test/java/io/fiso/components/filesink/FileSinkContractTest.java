// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.filesink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.sdk.event.JsonFormat;
import io.fiso.testkit.SinkRecoveryContract;
import java.nio.file.Files;
import java.util.List;

class FileSinkContractTest extends SinkRecoveryContract {
    @Override
    protected Object sink() {
        return new FileSink();
    }

    @Override
    protected String config() {
        return "{\"path\": \"" + directory.resolve("out/events.jsonl") + "\"}";
    }

    @Override
    protected List<String> delivered() throws Exception {
        return Files.readAllLines(directory.resolve("out/events.jsonl")).stream()
                .map(line -> JsonFormat.decode(line.getBytes(UTF_8)).getId())
                .toList();
    }
}
