// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafkasink;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.message.EventMessage;
import io.fiso.sdk.message.EventWriter;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Makes records of one topic of events. */
final class EventRecords {
    private final String topic;
    private final EventWriter writer;

    EventRecords(String topic, EventWriter.Mode mode) {
        this.topic = topic;
        this.writer = new EventWriter(mode);
    }

    ProducerRecord<byte[], byte[]> record(CloudEvent event, byte[] orderKey) {
        EventMessage message = writer.write(event, orderKey);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, null, message.key(), message.payload());
        message.headers().forEach(header -> record.headers().add(header.name(), header.value()));
        return record;
    }
}
