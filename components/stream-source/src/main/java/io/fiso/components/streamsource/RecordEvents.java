// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.StreamRecord;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.StableId;
import io.fiso.sdk.message.EventReader;
import java.nio.charset.StandardCharsets;

/** Makes events of the records of one stream, whose ids derive from its name and when it was made: one that is made anew gives others. */
final class RecordEvents {
    private final EventReader reader;
    private final Resource stream;
    private final StableId ids;

    RecordEvents(EventReader reader, Resource stream) {
        this.reader = reader;
        this.stream = stream;
        this.ids = StableId.in(
                "fiso-broker",
                stream.getName(),
                stream.getCreateTime().getSeconds() + "."
                        + stream.getCreateTime().getNanos());
    }

    /** Whether it is this stream, not another of its name. */
    boolean of(Resource other) {
        return other.getName().equals(stream.getName()) && other.getCreateTime().equals(stream.getCreateTime());
    }

    SourceEvent event(PartitionFeed feed, StreamRecord record) {
        return event(new StreamOriginal(stream.getName(), feed.partition(), record));
    }

    /** Those without a key keep the order of their partition. */
    SourceEvent event(OriginalRecord original) {
        byte[] orderKey = (stream.getName() + "-" + original.partition()).getBytes(StandardCharsets.UTF_8);
        return reader.read(original, Integer.toString(original.partition()), original.offset(), orderKey, ids);
    }
}
