// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;
import org.jspecify.annotations.Nullable;

/** A batch on its way through user code; given back with {@link DeliveryCore#batchDone}. */
public final class BatchTask {
    final Task[] tasks;
    private final @Nullable Exception[] failures;
    int size;

    BatchTask(int capacity) {
        tasks = new Task[capacity];
        failures = new Exception[capacity];
    }

    public int size() {
        return size;
    }

    /** The event at this index, with its attempt. */
    public Task event(int index) {
        return tasks[index];
    }

    /** The attempt of this event failed. Call it before {@code batchDone}, on whatever thread runs the user code. */
    public void failed(int index, DeliveryException reason) {
        failures[index] = reason;
    }

    /** This event is not taken in; the outside was not asked. */
    public void refused(int index, DeliveryException reason) {
        failures[index] = new RefusedEventException(reason);
    }

    @Nullable
    Exception failure(int index) {
        return failures[index];
    }

    void clear() {
        for (int i = 0; i < size; i++) {
            failures[i] = null;
        }
        size = 0;
    }
}
