// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.sdk.event.JsonFormat;
import io.fiso.testkit.SinkRecoveryContract;
import java.io.ByteArrayOutputStream;
import java.util.List;

class ConsoleSinkContractTest extends SinkRecoveryContract {
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    @Override
    protected Object sink() {
        return new ConsoleSink(console);
    }

    @Override
    protected String config() {
        return "{\"format\": \"json\"}";
    }

    @Override
    protected List<String> delivered() {
        return console.toString(UTF_8)
                .lines()
                .map(line -> JsonFormat.decode(line.getBytes(UTF_8)).getId())
                .toList();
    }
}
