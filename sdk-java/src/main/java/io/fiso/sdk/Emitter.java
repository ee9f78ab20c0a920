// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import io.cloudevents.CloudEvent;

/** Takes a processor's outputs. Valid during the call it was passed to, on that call's thread. Never blocks. */
public interface Emitter {
    /**
     * Emits an event under the order key of the event being processed. An event that was received and is passed on untouched is never
     * decoded. Attributes {@code traceparent} and {@code correlationid} are carried over from the input when the output lacks them.
     */
    void emit(CloudEvent event);

    /** Emits an event under another order key. */
    void emit(CloudEvent event, byte[] orderKey);
}
