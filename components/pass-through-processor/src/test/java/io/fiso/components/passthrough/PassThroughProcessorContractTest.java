// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.passthrough;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.Emitter;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.event.WireEvent;
import io.fiso.testkit.ProcessorRecoveryContract;
import org.junit.jupiter.api.Test;

class PassThroughProcessorContractTest extends ProcessorRecoveryContract {
    @Override
    protected EventProcessor processor() {
        return new PassThroughProcessor();
    }

    @Override
    protected String config() {
        return "{}";
    }

    @Test
    void passesOnTheVeryObject() throws Exception {
        WireEvent event = WireEvent.of(new byte[] {1, 2, 3});
        processor().process(event, new Emitter() {
            @Override
            public void emit(CloudEvent emitted) {
                assertThat(emitted).isSameAs(event);
            }

            @Override
            public void emit(CloudEvent emitted, byte[] orderKey) {
                throw new AssertionError("the order key stays");
            }
        });
    }
}
