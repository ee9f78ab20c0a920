// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.delivery.BatchTask;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.event.WireEvent;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Which events of a batch are not given to the sink for their data. Those behind such a one of the same key are not given either: the event in front
 * may be held, and then they wait for it.
 */
final class BatchRefusals {
    private final DataCheck check;
    private final BatchTask batch;
    private final Map<ByteBuffer, DeliveryException> keys = new HashMap<>();

    BatchRefusals(DataCheck check, BatchTask batch) {
        this.check = check;
        this.batch = batch;
    }

    /** Looks at the next event of the batch; true if it may be given to the sink. */
    boolean take(int place, WireEvent event) {
        DeliveryException reason = keys.isEmpty() ? null : keys.get(key(place));
        if (reason == null) {
            reason = check.refusal(event).orElse(null);
        }
        if (reason == null) {
            return true;
        }
        batch.refused(place, reason);
        if (batch.event(place).keyLength() > 0) {
            keys.putIfAbsent(key(place), reason);
        }
        return false;
    }

    private ByteBuffer key(int place) {
        Task task = batch.event(place);
        return ByteBuffer.wrap(task.keyBuffer(), task.keyOffset(), task.keyLength());
    }
}
