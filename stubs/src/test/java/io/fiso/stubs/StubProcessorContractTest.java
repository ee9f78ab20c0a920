// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.stubs;

import io.fiso.sdk.EventProcessor;
import io.fiso.testkit.ProcessorRecoveryContract;

class StubProcessorContractTest extends ProcessorRecoveryContract {
    @Override
    protected EventProcessor processor() {
        return new StubProcessor();
    }

    @Override
    protected String config() {
        return "{\"pass\": true, \"emit\": [], \"fail\": []}";
    }
}
