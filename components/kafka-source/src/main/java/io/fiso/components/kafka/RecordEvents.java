// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.StableId;
import io.fiso.sdk.message.EventReader;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Makes events of records, at their place in their partition. Those without a key keep the order of their partition. */
final class RecordEvents {
    private static final byte[] NOT_USED = {};

    private final EventReader reader;

    /**
     * @param source the source attribute of events made from plain records
     * @param type their type attribute
     */
    RecordEvents(String source, String type) {
        this.reader = new EventReader(source, type);
    }

    /** The event of a record that stood in a partition of this name, whose ids these are. */
    SourceEvent convert(String partition, StableId ids, ConsumerRecord<byte[], byte[]> record) {
        byte[] orderKey = record.key() == null ? partition.getBytes(StandardCharsets.UTF_8) : NOT_USED;
        return reader.read(new KafkaRecord(record), partition, record.offset(), orderKey, ids);
    }
}
