// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafkasink;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.DeliveryException.Kind;
import io.fiso.sdk.FisoComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes events to a topic, the order key as record key, so that order per key is order per partition. A batch counts as delivered when every in-sync
 * replica has it.
 *
 * <p>The idempotent producer keeps the order of what it was given, whatever has to be sent again. When a batch fails, the producer goes with it: what it
 * still held is never sent, so the next attempt starts where the broker's log ends.
 */
public final class KafkaSink implements BatchEventSink {
    /** Below the limit of a call (30 s), so that this sink gives up before it is interrupted. */
    private static final Duration BATCH_TIMEOUT = Duration.ofSeconds(25);

    // The client tells its whole configuration at INFO. Kept, since loggers are otherwise collected together with their
    // levels.
    private static final Logger CLIENT_LOGGER = Logger.getLogger("org.apache.kafka");

    private static final String DELIVERY_FAILED = "SINK_DELIVERY_FAILED";

    private final Duration batchTimeout;
    private @Nullable Supplier<Producer<byte[], byte[]>> producers;
    private @Nullable EventRecords records;
    private @Nullable Producer<byte[], byte[]> producer;
    private String destination = "";

    /** A sink with a Kafka client of its own. */
    public KafkaSink() {
        this(BATCH_TIMEOUT);
    }

    KafkaSink(Duration batchTimeout) {
        this.batchTimeout = batchTimeout;
    }

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new KafkaSink(), args);
    }

    @Override
    public void open(ComponentContext context) {
        CLIENT_LOGGER.setLevel(Level.WARNING);
        KafkaSinkConfig config = context.config(KafkaSinkConfig.class);
        records = new EventRecords(config.topic(), config.mode());
        destination = "topic \"" + config.topic() + "\" on " + config.connection();
        Map<String, Object> properties = properties(config, context);
        producers = () -> new KafkaProducer<>(properties);
        producer();
    }

    private Map<String, Object> properties(KafkaSinkConfig config, ComponentContext context) {
        Map<String, Object> properties = config.connection().clientProperties();
        properties.putIfAbsent("client.id", context.pipeline() + "-" + context.component() + "-" + context.replica());
        properties.putIfAbsent("max.request.size", 5 * 1024 * 1024);
        properties.putIfAbsent("compression.type", "lz4");
        properties.putIfAbsent("batch.size", 128 * 1024);
        properties.put("acks", "all");
        properties.put("enable.idempotence", true);
        // One request at a time: with several, one that a fresh topic's leader is not ready for leaves those behind it
        // out of sequence
        // until they time out. A batch is one request or two, so nothing is gained by more.
        properties.put("max.in.flight.requests.per.connection", 1);
        // The batch's own limit decides; a producer that gave up on one record and went on would break order.
        properties.put("delivery.timeout.ms", (int) batchTimeout.toMillis() * 10);
        properties.put("max.block.ms", batchTimeout.toMillis() * 4 / 5);
        properties.put("key.serializer", ByteArraySerializer.class.getName());
        properties.put("value.serializer", ByteArraySerializer.class.getName());
        return properties;
    }

    @Override
    public void deliver(List<CloudEvent> events, Outcome outcome) throws Exception {
        EventRecords toRecords = Objects.requireNonNull(records, "deliver before open");
        Producer<byte[], byte[]> writer = producer();
        long deadline = System.nanoTime() + batchTimeout.toNanos();
        try {
            List<Future<RecordMetadata>> written = new ArrayList<>(events.size());
            for (int i = 0; i < events.size(); i++) {
                written.add(writer.send(toRecords.record(events.get(i), outcome.orderKey(i))));
            }
            for (int i = 0; i < events.size(); i++) {
                confirm(written.get(i), i, deadline, outcome);
            }
        } catch (InterruptedException | KafkaException | DeliveryException e) {
            producer = null;
            writer.close(Duration.ZERO);
            if (e instanceof KafkaException failure) {
                throw classified(failure);
            }
            throw e;
        }
    }

    private void confirm(Future<RecordMetadata> future, int index, long deadline, Outcome outcome)
            throws InterruptedException, DeliveryException {
        try {
            future.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new DeliveryException(
                    Kind.TRANSIENT,
                    DELIVERY_FAILED,
                    destination + ": not acknowledged within " + batchTimeout.toSeconds() + " s",
                    e,
                    Optional.empty());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) {
                outcome.failed(
                        index,
                        DeliveryException.permanent(
                                "EVENT_TOO_LARGE",
                                destination + " refuses the record: "
                                        + e.getCause().getMessage()));
                return;
            }
            throw classified(Objects.requireNonNullElse(e.getCause(), e));
        }
    }

    private DeliveryException classified(Throwable failure) {
        boolean refused = failure instanceof AuthenticationException
                || failure instanceof AuthorizationException
                || failure instanceof InvalidTopicException;
        // A refusal holds for every event: retried, it opens the circuit instead of filling the dead letters.
        String message = destination + ": " + (refused ? "refused: " : "") + failure.getMessage();
        return new DeliveryException(Kind.TRANSIENT, DELIVERY_FAILED, message, failure, Optional.empty());
    }

    private Producer<byte[], byte[]> producer() {
        Producer<byte[], byte[]> current = producer;
        if (current == null) {
            current = Objects.requireNonNull(producers, "deliver before open").get();
            producer = current;
        }
        return current;
    }

    @Override
    public void close() {
        Producer<byte[], byte[]> current = producer;
        producer = null;
        if (current != null) {
            current.close(Duration.ofSeconds(5));
        }
    }
}
