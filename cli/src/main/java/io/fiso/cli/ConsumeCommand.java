// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what is in a topic. Joins no group and commits nothing, so nobody else notices. */
@Command(
        name = "consume",
        description = "Show the messages of a Kafka topic with key and headers; disturbs no consumer group",
        footer = {
            "",
            "Without --from-beginning and --follow, shows the last messages there are.",
            "With --from-beginning and --max-messages, waits up to --timeout for as many to arrive."
        })
final class ConsumeCommand extends Verb {
    private static final int LAST_BY_DEFAULT = 10;
    private static final Duration POLL = Duration.ofMillis(100);

    @Option(names = "--topic", required = true, description = "The topic")
    String topic = "";

    @Option(names = "--from-beginning", description = "Start with the oldest message")
    boolean fromBeginning;

    @Option(
            names = "--max-messages",
            paramLabel = "N",
            description = "At most so many (without --from-beginning and --follow default: 10)")
    int maxMessages;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with new messages until Ctrl-C")
    boolean follow;

    @Option(names = "--value-only", description = "Print nothing but the values, one per line")
    boolean valueOnly;

    @Mixin
    KafkaOptions kafka = new KafkaOptions();

    ConsumeCommand(Host host) {
        super(host);
    }

    @Override
    boolean streams() {
        return follow;
    }

    @Override
    Answer answer() throws InterruptedException {
        Map<String, Object> config = kafka.client(host);
        config.put("enable.auto.commit", "false");
        config.put("allow.auto.create.topics", "false");
        config.put("auto.offset.reset", "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = partitions(consumer);
            List<ConsumerRecord<byte[], byte[]>> shown = new ArrayList<>();
            if (!partitions.isEmpty()) {
                consumer.assign(partitions);
                if (follow) {
                    follow(consumer, partitions);
                } else if (fromBeginning) {
                    shown = fromBeginning(consumer, partitions);
                } else {
                    shown = last(consumer, partitions);
                }
            }
            String text = follow
                    ? ""
                    : String.join("\n", shown.stream().map(this::text).toList());
            return Answer.ok(
                    PipelineFile.count(shown.size(), "message"),
                    Format.map(
                            "topic",
                            topic,
                            "brokers",
                            kafka.brokers(host),
                            "messages",
                            isText()
                                    ? List.of()
                                    : shown.stream().map(ConsumeCommand::data).toList()),
                    text);
        } catch (KafkaException e) {
            throw kafka.unreachable(host, e);
        }
    }

    /** A topic that is not there yet may come: whoever waits for messages waits for it too. */
    private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) throws InterruptedException {
        Instant deadline = Instant.now().plus(kafka.timeout);
        boolean waiting = follow || (fromBeginning && maxMessages > 0);
        while (true) {
            List<TopicPartition> found = new ArrayList<>();
            consumer.partitionsFor(topic).forEach(p -> found.add(new TopicPartition(p.topic(), p.partition())));
            if (!found.isEmpty()) {
                return found;
            }
            if (!waiting || (!follow && Instant.now().isAfter(deadline))) {
                throw unknown(consumer);
            }
            Thread.sleep(POLL);
        }
    }

    private CommandException unknown(KafkaConsumer<byte[], byte[]> consumer) {
        List<String> topics = consumer.listTopics().keySet().stream()
                .filter(name -> !name.startsWith("__"))
                .sorted()
                .toList();
        List<String> nearest = Spelling.nearest(topic, topics);
        return new CommandException(Failure.invalid(
                "kafka.unknown_topic",
                "there is no topic \"" + topic + "\" at " + kafka.brokers(host),
                !nearest.isEmpty()
                        ? "did you mean " + nearest.getFirst() + "?"
                        : topics.isEmpty() ? "there are no topics at all" : "there are " + String.join(", ", topics)));
    }

    private List<ConsumerRecord<byte[], byte[]>> fromBeginning(
            KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        Instant deadline = Instant.now().plus(kafka.timeout);
        while (maxMessages == 0 || records.size() < maxMessages) {
            boolean atEnd = partitions.stream().allMatch(p -> consumer.position(p) >= end.getOrDefault(p, 0L));
            if (atEnd && (maxMessages == 0 || Instant.now().isAfter(deadline))) {
                break;
            }
            consumer.poll(POLL).forEach(records::add);
        }
        records.sort(byTime());
        return maxMessages > 0 && records.size() > maxMessages ? records.subList(0, maxMessages) : records;
    }

    private List<ConsumerRecord<byte[], byte[]>> last(
            KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        int wanted = maxMessages > 0 ? maxMessages : LAST_BY_DEFAULT;
        Map<TopicPartition, Long> begin = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
        partitions.forEach(p ->
                consumer.seek(p, Math.max(begin.getOrDefault(p, 0L), end.getOrDefault(p, 0L) - wanted)));
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        while (partitions.stream().anyMatch(p -> consumer.position(p) < end.getOrDefault(p, 0L))) {
            consumer.poll(POLL).forEach(records::add);
        }
        records.sort(byTime());
        return records.size() > wanted ? records.subList(records.size() - wanted, records.size()) : records;
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions)
            throws InterruptedException {
        StopSignals signals = StopSignals.install(() -> {});
        if (fromBeginning) {
            consumer.seekToBeginning(partitions);
        } else {
            consumer.seekToEnd(partitions);
        }
        long count = 0;
        while (!signals.stopRequested() && (maxMessages == 0 || count < maxMessages)) {
            for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
                if (maxMessages > 0 && count == maxMessages) {
                    break;
                }
                terminal().out().println(isText() ? text(message) : Format.compact(data(message)));
                count++;
            }
            terminal().out().flush();
        }
    }

    private static Comparator<ConsumerRecord<byte[], byte[]>> byTime() {
        return Comparator.<ConsumerRecord<byte[], byte[]>>comparingLong(ConsumerRecord::timestamp)
                .thenComparingInt(ConsumerRecord::partition)
                .thenComparingLong(ConsumerRecord::offset);
    }

    private String text(ConsumerRecord<byte[], byte[]> message) {
        String value = message.value() == null ? "(tombstone)" : readable(message.value());
        if (valueOnly) {
            return value;
        }
        StringBuilder text = new StringBuilder(message.topic() + "-" + message.partition() + "@" + message.offset()
                + "  " + Instant.ofEpochMilli(message.timestamp()));
        if (message.key() != null) {
            text.append("  key=").append(readable(message.key()));
        }
        for (Header header : message.headers()) {
            text.append("\n  ")
                    .append(header.key())
                    .append(": ")
                    .append(header.value() == null ? "" : readable(header.value()));
        }
        return terminal().style().dim(text.toString()) + "\n" + value;
    }

    private static String readable(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException _) {
            return "base64:" + Base64.getEncoder().encodeToString(bytes);
        }
    }

    private static Map<String, @Nullable Object> data(ConsumerRecord<byte[], byte[]> message) {
        Map<String, String> headers = new LinkedHashMap<>();
        message.headers().forEach(h -> headers.put(h.key(), h.value() == null ? "" : readable(h.value())));
        return Format.map(
                "topic",
                message.topic(),
                "partition",
                message.partition(),
                "offset",
                message.offset(),
                "timestamp",
                Instant.ofEpochMilli(message.timestamp()).toString(),
                "key",
                message.key() == null ? null : readable(message.key()),
                "headers",
                headers,
                "value",
                message.value() == null ? null : readable(message.value()));
    }
}
