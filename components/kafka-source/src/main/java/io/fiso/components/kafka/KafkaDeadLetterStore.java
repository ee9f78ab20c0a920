// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.DeadLetterStore;
import io.fiso.sdk.OriginalRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;

/**
 * Writes dead letters to a topic (guarantee D7): key, value and headers as they were read, with headers beside them that say what happened.
 * Returns when every in-sync replica has them.
 */
final class KafkaDeadLetterStore implements DeadLetterStore {
    private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(10);

    private final String topic;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final Supplier<Admin> admins;
    private @Nullable Producer<byte[], byte[]> producer;
    private boolean topicChecked;

    KafkaDeadLetterStore(String topic, Supplier<Producer<byte[], byte[]>> producers, Supplier<Admin> admins) {
        this.topic = topic;
        this.producers = producers;
        this.admins = admins;
    }

    @Override
    public String description() {
        return "topic " + topic;
    }

    @Override
    public void write(List<DeadLetter> letters) throws Exception {
        ensureTopic();
        Producer<byte[], byte[]> writer = producer;
        if (writer == null) {
            writer = producers.get();
            producer = writer;
        }
        try {
            List<Future<RecordMetadata>> written = new ArrayList<>(letters.size());
            for (DeadLetter letter : letters) {
                written.add(writer.send(record(letter)));
            }
            writer.flush();
            for (int i = 0; i < written.size(); i++) {
                confirm(written.get(i), i);
            }
        } catch (TooLargeException e) {
            throw e;
        } catch (Exception e) {
            // An idempotent producer may not be usable after an error; the next attempt gets a fresh one.
            producer = null;
            writer.close(Duration.ZERO);
            throw e;
        }
    }

    private void confirm(Future<RecordMetadata> future, int index) throws Exception {
        try {
            future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) {
                throw new TooLargeException(
                        index,
                        "topic \"" + topic + "\" refuses a record of this size: "
                                + e.getCause().getMessage());
            }
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    private void ensureTopic() throws Exception {
        if (topicChecked) {
            return;
        }
        try (Admin admin = admins.get()) {
            Set<String> names = admin.listTopics().names().get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            if (!names.contains(topic)) {
                admin.createTopics(List.of(new NewTopic(topic, Optional.empty(), Optional.empty())))
                        .all()
                        .get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            }
            topicChecked = true;
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
                throw new IllegalStateException(
                        "dead letter topic \"" + topic + "\" is missing and cannot be created: " + cause.getMessage(),
                        cause);
            }
            topicChecked = true;
        }
    }

    private ProducerRecord<byte[], byte[]> record(DeadLetter letter) {
        OriginalRecord original = letter.original();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, null, original.key(), original.value());
        for (OriginalRecord.Header header : letter.recordHeaders()) {
            record.headers().add(header.name(), header.value());
        }
        return record;
    }

    @Override
    public void close() {
        Producer<byte[], byte[]> writer = producer;
        producer = null;
        if (writer != null) {
            writer.close(ADMIN_TIMEOUT);
        }
    }
}
