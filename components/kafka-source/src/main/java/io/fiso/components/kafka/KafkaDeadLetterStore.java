// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.DeadLetterStore;
import io.fiso.sdk.OriginalRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Writes dead letters to a topic (guarantee D7): key, value and headers as they were read, with headers beside them that say what happened.
 * Returns when every in-sync replica has them.
 */
final class KafkaDeadLetterStore implements DeadLetterStore {
    private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(10);
    /** What this store writes about a failure; a letter that fails again is told anew. */
    private static final Set<String> OWN_HEADERS = Set.of(
            "fiso-original-topic",
            "fiso-original-partition",
            "fiso-original-offset",
            "fiso-original-timestamp",
            "fiso-error-code",
            "fiso-error-message",
            "fiso-retry-count",
            "fiso-failed-at",
            "fiso-failed-component",
            "fiso-flow-name",
            "fiso-source-component",
            "fiso-event-id");

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
        Headers headers = record.headers();
        Set<String> names = new HashSet<>();
        for (OriginalRecord.Header header : original.headers()) {
            String name = header.name().toLowerCase(Locale.ROOT);
            if (!OWN_HEADERS.contains(name)) {
                names.add(name);
                headers.add(header.name(), header.value());
            }
        }
        // What never became an event has only what its own headers say.
        String correlation = letter.correlationId().isEmpty()
                ? Objects.requireNonNullElse(new RecordHeaders(headers).correlationId(), "")
                : letter.correlationId();
        add(headers, "fiso-original-topic", original.origin());
        add(headers, "fiso-original-partition", Integer.toString(original.partition()));
        add(headers, "fiso-original-offset", Long.toString(original.offset()));
        add(headers, "fiso-original-timestamp", Long.toString(original.timestampMillis()));
        add(headers, "fiso-error-code", letter.code());
        add(headers, "fiso-error-message", letter.message());
        add(headers, "fiso-retry-count", Integer.toString(Math.max(0, letter.attempts() - 1)));
        add(headers, "fiso-failed-at", letter.failedAt().toString());
        add(headers, "fiso-failed-component", letter.component());
        add(headers, "fiso-flow-name", letter.flow());
        add(headers, "fiso-source-component", letter.source());
        if (!letter.eventId().isEmpty()) {
            add(headers, "fiso-event-id", letter.eventId());
        }
        if (!correlation.isEmpty() && !names.contains("fiso-correlation-id")) {
            add(headers, "fiso-correlation-id", correlation);
        }
        return record;
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(java.nio.charset.StandardCharsets.UTF_8));
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
