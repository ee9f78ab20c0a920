// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.EventSource;

/** One component, run as this process until it is told to stop. */
public final class ComponentProcess {
    private ComponentProcess() {}

    public static void run(EventSource source, String... args) {
        throw new UnsupportedOperationException("not yet");
    }

    public static void run(EventProcessor processor, String... args) {
        throw new UnsupportedOperationException("not yet");
    }

    public static void run(EventSink sink, String... args) {
        throw new UnsupportedOperationException("not yet");
    }

    public static void run(BatchEventSink sink, String... args) {
        throw new UnsupportedOperationException("not yet");
    }
}
