// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import io.fiso.sdk.runtime.ComponentProcess;

/**
 * Runs a component as a process of a pipeline: {@code FisoComponent.run(new MyProcessor(), args)} is all that {@code main} needs. Takes its
 * surroundings from the environment ({@code FISO_*}), returns when the component was told to stop, and ends the process with a non-zero
 * status and one line on stderr when something went wrong.
 */
public final class FisoComponent {
    private FisoComponent() {}

    public static void run(EventSource source, String... args) {
        ComponentProcess.run(source, args);
    }

    public static void run(EventProcessor processor, String... args) {
        ComponentProcess.run(processor, args);
    }

    public static void run(EventSink sink, String... args) {
        ComponentProcess.run(sink, args);
    }

    public static void run(BatchEventSink sink, String... args) {
        ComponentProcess.run(sink, args);
    }
}
