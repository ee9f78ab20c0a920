// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.generator;

import io.fiso.sdk.EventSource;
import io.fiso.testkit.SourceRecoveryContract;

class GeneratorSourceContractTest extends SourceRecoveryContract {
    @Override
    protected EventSource source() {
        return new GeneratorSource();
    }

    @Override
    protected String config() {
        return "{\"count\": 5000}";
    }

    @Override
    protected int expected() {
        return 5000;
    }
}
