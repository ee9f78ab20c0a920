// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.cel;

import io.fiso.sdk.EventProcessor;
import io.fiso.testkit.ProcessorRecoveryContract;

class CelProcessorContractTest extends ProcessorRecoveryContract {
    @Override
    protected EventProcessor processor() {
        return new CelProcessor();
    }

    @Override
    protected String config() {
        return "{\"fields\": {\"twice\": \"data.n * 2\"}}";
    }
}
