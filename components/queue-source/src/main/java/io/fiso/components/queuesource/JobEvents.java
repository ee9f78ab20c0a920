// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesource;

import io.fiso.proto.broker.v1.Resource;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.StableId;
import io.fiso.sdk.message.EventReader;

/** Makes events of the jobs of one queue, whose ids derive from its name and when it was made: one that is made anew gives others. */
final class JobEvents {
    private static final byte[] NO_ORDER = new byte[0];

    private final EventReader reader;
    private final Resource queue;
    private final StableId ids;

    JobEvents(EventReader reader, Resource queue) {
        this.reader = reader;
        this.queue = queue;
        this.ids = StableId.in(
                "fiso-broker",
                queue.getName(),
                queue.getCreateTime().getSeconds() + "." + queue.getCreateTime().getNanos());
    }

    /** Whether it is this queue, not another of its name. */
    boolean of(Resource other) {
        return other.getName().equals(queue.getName()) && other.getCreateTime().equals(queue.getCreateTime());
    }

    SourceEvent event(HeldJob job, String partition) {
        return reader.read(new JobOriginal(queue.getName(), job.delivered()), partition, job.position(), NO_ORDER, ids);
    }

    SourceEvent restored(OriginalRecord original, String partition) {
        return reader.read(original, partition, original.offset(), NO_ORDER, ids);
    }
}
