// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.SourceEvent;
import io.fiso.testkit.PipelineDouble;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Bounded reads of a real topic: they end by themselves, at the same place whatever happens on the way. */
class KafkaBackfillIT extends OnKafka {
    @Test
    void endsAtTheEndThatThePartitionsHadWhenItBegan() throws Exception {
        produceNumbered(30);
        PipelineDouble pipeline = pipeline(until("end"), 0);
        pipeline.fill(topic + "-0");
        pipeline.fill(topic + "-1");
        pipeline.fill(topic + "-2");
        start(until("end"), pipeline);
        awaitPositions(3);
        produceNumbered(7);
        List.of(0, 1, 2).forEach(partition -> pipeline.drain(topic + "-" + partition));

        pipeline.awaitEnd();
        assertThat(pipeline.failure()).isNull();
        assertThat(pipeline.emitted()).hasSize(30);
        assertThat(committedTotal()).isEqualTo(30);
    }

    @Test
    void goesOnToTheSameEndAfterACrash() throws Exception {
        produceNumbered(30);
        PipelineDouble first = pipeline(until("end"), 0).holdSettlement();
        start(until("end"), first);
        first.awaitEmitted(30);
        first.crash();
        produceNumbered(11);

        PipelineDouble second = start(until("end"));
        second.awaitEnd();

        assertThat(second.failure()).isNull();
        assertThat(ids(second)).isEqualTo(ids(first));
        assertThat(committedTotal()).isEqualTo(30);
    }

    @Test
    void endsAtOnceWhereThereIsNothing() throws Exception {
        PipelineDouble pipeline = start(until("end"));
        pipeline.awaitEnd();
        assertThat(pipeline.failure()).isNull();
        assertThat(pipeline.emitted()).isEmpty();
    }

    @Test
    void endsBehindTransactionMarkersAndAbortedRecords() throws Exception {
        try (Producer<byte[], byte[]> transactional = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "transactional.id",
                        topic,
                        "max.in.flight.requests.per.connection",
                        "1"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            transactional.initTransactions();
            for (int transaction = 0; transaction < 4; transaction++) {
                transactional.beginTransaction();
                for (int partition = 0; partition < 2; partition++) {
                    transactional.send(new ProducerRecord<>(
                            topic, partition, null, ("{\"n\":" + transaction + "}").getBytes(UTF_8)));
                }
                if (transaction % 2 == 0) {
                    transactional.commitTransaction();
                } else {
                    transactional.flush();
                    transactional.abortTransaction();
                }
            }
        }
        PipelineDouble pipeline = start(until("end"));
        pipeline.awaitEnd();

        assertThat(pipeline.failure()).isNull();
        assertThat(pipeline.emitted()).hasSize(4);
        // Four records and four markers in each of two partitions: the group stands behind the last marker.
        assertThat(committedTotal()).isEqualTo(16);
    }

    @Test
    void endsBeforeTheFirstRecordFromATimeOn() throws Exception {
        for (int i = 0; i < 6; i++) {
            at(1_000_000_000_000L + i * 1_000, i);
        }
        PipelineDouble pipeline = start(until(1_000_000_003_000L));
        pipeline.awaitEnd();
        assertThat(pipeline.failure()).isNull();
        assertThat(pipeline.emitted()).extracting(OnKafka::number).containsExactly(0, 1, 2);
    }

    @Test
    void waitsForATimeThatIsStillToCome() throws Exception {
        Instant end = Instant.now().plusSeconds(4);
        at(end.minusSeconds(60).toEpochMilli(), 1);
        PipelineDouble pipeline = start(until(end.toString()));
        pipeline.awaitEmitted(1);
        at(end.minusSeconds(1).toEpochMilli(), 2);
        pipeline.awaitEmitted(2);
        at(end.toEpochMilli(), 3);
        at(end.minusSeconds(1).toEpochMilli(), 4);

        pipeline.awaitEnd();
        assertThat(pipeline.failure()).isNull();
        assertThat(Instant.now()).isAfterOrEqualTo(end);
        assertThat(pipeline.emitted()).extracting(OnKafka::number).containsExactly(1, 2);
    }

    @Test
    void isSharedByReplicasAndEndsWhenAllOfThemAreThrough() throws Exception {
        produceNumbered(90);
        List<PipelineDouble> replicas = new ArrayList<>();
        for (int replica = 0; replica < 2; replica++) {
            PipelineDouble pipeline = pipeline(until("end"), replica);
            // None may be through before the other has its share.
            List.of(0, 1, 2).forEach(partition -> pipeline.fill(topic + "-" + partition));
            replicas.add(start(until("end"), pipeline));
        }
        replicas.get(1)
                .awaitUntil(() -> !replicas.get(1).resumed().isEmpty(), () -> "the second replica to get a share");
        for (PipelineDouble replica : replicas) {
            List.of(0, 1, 2).forEach(partition -> replica.drain(topic + "-" + partition));
        }
        Map<String, Integer> times = new HashMap<>();
        for (PipelineDouble replica : replicas) {
            replica.awaitEnd();
            assertThat(replica.failure()).isNull();
            for (SourceEvent event : replica.emitted()) {
                times.merge(event(event).getId(), 1, Integer::sum);
            }
        }
        assertThat(times).hasSize(90);
        assertThat(times.values()).containsOnly(1);
        assertThat(committedTotal()).isEqualTo(90);
    }

    @Test
    void isFinishedByTheOthersWhenAReplicaDies() throws Exception {
        produceNumbered(90);
        List<PipelineDouble> replicas = new ArrayList<>();
        for (int replica = 0; replica < 2; replica++) {
            PipelineDouble pipeline = pipeline(until("end"), replica).holdSettlement();
            replicas.add(start(until("end"), pipeline));
        }
        replicas.get(1)
                .awaitUntil(() -> !replicas.get(1).resumed().isEmpty(), () -> "the second replica to get a share");
        replicas.get(1).crash();
        replicas.get(0).settleEverything();
        replicas.get(0).awaitEnd();

        assertThat(replicas.get(0).failure()).isNull();
        assertThat(committedTotal()).isEqualTo(90);
    }

    private KafkaSourceConfig until(Object bound) {
        return new KafkaSourceConfig(
                kafka.bootstrapServers(),
                topic,
                List.of(),
                group(),
                "earliest",
                bound,
                null,
                Duration.ofSeconds(5),
                null,
                null,
                Map.of("metadata.max.age.ms", 500, "session.timeout.ms", 6_000, "heartbeat.interval.ms", 200));
    }

    private void at(long timestamp, int number) throws Exception {
        producer.send(new ProducerRecord<>(topic, 0, timestamp, null, ("{\"n\":" + number + "}").getBytes(UTF_8)))
                .get();
    }
}
