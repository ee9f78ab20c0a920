// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.letters;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter topic. It stays as the sources wrote it: what became of letters stands in a topic of its own beside it, compacted, so that who
 * consumes the letters meets nothing else, and notes live as long as they are needed.
 */
public final class KafkaLetterStore implements LetterStore {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final String NOTES_SUFFIX = "-resolved";

    private final Map<String, Object> client;
    private final String topic;
    private final String pipeline;
    private final Duration timeout;
    private final Optional<Path> directory;
    private @Nullable NotesLock lock;
    private @Nullable KafkaConsumer<byte[], byte[]> loader;
    private @Nullable KafkaProducer<byte[], byte[]> notes;

    /**
     * @param client the properties of every client
     * @param pipeline only this pipeline's letters count: several may share a topic
     * @param timeout how long a broker may take to answer
     * @param directory where the pipeline's dead letters are on this machine, if it has ever run here: who notes what becomes of letters locks out the others
     */
    public KafkaLetterStore(
            Map<String, Object> client, String topic, String pipeline, Duration timeout, Optional<Path> directory) {
        this.client = Map.copyOf(client);
        this.topic = topic;
        this.pipeline = pipeline;
        this.timeout = timeout;
        this.directory = directory;
    }

    @Override
    public String description() {
        return "topic " + topic;
    }

    @Override
    public void read(Consumer<StoredLetter> reader) {
        readAll(topic, record -> {
            StoredLetter letter = letter(record);
            if (letter.flow().isEmpty() || letter.flow().equals(pipeline)) {
                reader.accept(letter);
            }
        });
    }

    private void readAll(String from, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.partitionsFor(from).forEach(p -> partitions.add(new TopicPartition(p.topic(), p.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
            long deadline = System.nanoTime() + timeout.toNanos();
            while (partitions.stream().anyMatch(p -> consumer.position(p) < end.getOrDefault(p, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    deadline = System.nanoTime() + timeout.toNanos();
                    if (record.offset() < end.getOrDefault(new TopicPartition(from, record.partition()), 0L)) {
                        reader.accept(record);
                    }
                }
                if (System.nanoTime() > deadline) {
                    throw new org.apache.kafka.common.errors.TimeoutException(
                            "nothing of topic " + from + " came for " + timeout.toMillis() + " ms");
                }
            }
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = new HashMap<>(client);
        properties.put("enable.auto.commit", "false");
        properties.put("allow.auto.create.topics", "false");
        properties.put("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public synchronized StoredLetter load(String place) {
        TopicPartition partition = new TopicPartition(topic, RecordedLetter.partition(place));
        long offset = RecordedLetter.offset(place);
        KafkaConsumer<byte[], byte[]> consumer = loader;
        if (consumer == null) {
            consumer = consumer();
            loader = consumer;
        }
        consumer.assign(List.of(partition));
        consumer.seek(partition, offset);
        long deadline = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (record.offset() == offset) {
                    return letter(record);
                }
                throw new KafkaException(
                        "the letter at " + partition + ", offset " + offset + " is not there any more");
            }
        }
        throw new org.apache.kafka.common.errors.TimeoutException("the letter at " + partition + ", offset " + offset
                + " did not come for " + timeout.toMillis() + " ms");
    }

    private static StoredLetter letter(ConsumerRecord<byte[], byte[]> record) {
        RecordedLetter letter = new RecordedLetter();
        for (Header header : record.headers()) {
            letter.header(header.key(), bytes(header.value()));
        }
        return letter.letter(
                record.partition(), record.offset(), record.timestamp(), bytes(record.key()), bytes(record.value()));
    }

    private static @Nullable ByteString bytes(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteString.copyFrom(bytes);
    }

    // ---- notes ---------------------------------------------------------------------------------------------------

    @Override
    public Map<String, Note> notes() {
        Map<String, Note> last = new HashMap<>();
        readAll(topic + NOTES_SUFFIX, record -> {
            Note note = record.value() == null ? null : Note.parse(record.value());
            if (note != null) {
                last.put(note.place(), note);
            }
        });
        return last;
    }

    @Override
    public void openNotes() throws IOException, InterruptedException {
        if (directory.isPresent()) {
            lock = NotesLock.take(
                    directory.get().resolve(topic + ".lock"), "pipeline \"" + pipeline + "\" in " + description());
        }
        String name = topic + NOTES_SUFFIX;
        try (Admin admin = Admin.create(client)) {
            Set<String> topics = admin.listTopics().names().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!topics.contains(topic)) {
                return;
            }
            if (!topics.contains(name)) {
                // One partition: the order of notes is that of what happened.
                admin.createTopics(List.of(new NewTopic(name, Optional.of(1), Optional.empty())
                                .configs(Map.of("cleanup.policy", "compact"))))
                        .all()
                        .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new KafkaException(
                        "topic \"" + name + "\", where it is noted what became of letters, cannot be made: "
                                + String.valueOf(e.getCause()),
                        e.getCause());
            }
        } catch (TimeoutException e) {
            throw new org.apache.kafka.common.errors.TimeoutException(e);
        }
        Map<String, Object> properties = new HashMap<>(client);
        properties.put("acks", "all");
        properties.put("enable.idempotence", "true");
        // One at a time: the topic may be fresh, and a leader that is not ready for the first note must not take the
        // second.
        properties.put("max.in.flight.requests.per.connection", "1");
        properties.put("linger.ms", "0");
        properties.put("max.block.ms", timeout.toMillis());
        properties.put("delivery.timeout.ms", (int) Math.max(timeout.toMillis(), 10_000) * 2);
        notes = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public void write(Collection<Note> written) throws InterruptedException {
        KafkaProducer<byte[], byte[]> producer = Objects.requireNonNull(notes, "notes are not open");
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (Note note : written) {
            byte[] key = note.place().getBytes(StandardCharsets.UTF_8);
            sent.add(producer.send(new ProducerRecord<>(topic + NOTES_SUFFIX, key, note.toJson())));
        }
        for (Future<RecordMetadata> one : sent) {
            try {
                one.get();
            } catch (ExecutionException e) {
                throw new KafkaException(
                        "what became of a letter cannot be noted in topic \"" + topic + NOTES_SUFFIX + "\"",
                        e.getCause());
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (notes != null) {
            notes.close(timeout);
        }
        if (loader != null) {
            loader.close();
        }
        if (lock != null) {
            lock.close();
        }
    }
}
