// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.file;

import io.fiso.sdk.EventSource;
import io.fiso.testkit.SourceRecoveryContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

class FileSourceContractTest extends SourceRecoveryContract {
    @Override
    protected EventSource source() {
        return new FileSource();
    }

    @Override
    protected String config() throws Exception {
        Path file = directory.resolve("orders.jsonl");
        if (!Files.exists(file)) {
            Files.write(
                    file,
                    IntStream.range(0, expected())
                            .mapToObj(n -> "{\"n\":" + n + "}")
                            .toList());
        }
        return "{\"path\": \"" + file + "\", \"key\": \"n\"}";
    }

    @Override
    protected int expected() {
        return 5000;
    }
}
