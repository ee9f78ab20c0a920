// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends events to a topic. */
@Command(
        name = "produce",
        description = "Send events to a Kafka topic",
        footer = {
            "",
            "In --json, --key and --header, {{n}} becomes the event's number, counted from 0.",
            "What --json gives is sent as it is, JSON or not."
        })
final class ProduceCommand extends Verb {
    private static final int IN_FLIGHT_MAX = 10_000;

    @Option(names = "--topic", required = true, description = "The topic")
    String topic = "";

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "A file with one event or, if it ends in .jsonl, one per line; - for stdin, one per line")
    @Nullable
    String file;

    @Option(names = "--json", paramLabel = "DATA", description = "The event itself")
    @Nullable
    String json;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Send N events, starting over at the end of the file (default: each once)")
    long count;

    @Option(
            names = "--rate",
            paramLabel = "DURATION",
            converter = Durations.class,
            description = "The time between two events: 100ms")
    Duration rate = Duration.ZERO;

    @Option(names = "--key", description = "The record key")
    @Nullable
    String key;

    @Option(names = "--header", paramLabel = "NAME=VALUE", description = "A record header; may be given more than once")
    List<String> headers = List.of();

    @Mixin
    KafkaOptions kafka = new KafkaOptions();

    ProduceCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() throws IOException, InterruptedException {
        List<String> events = events();
        headers.forEach(ProduceCommand::split);
        long total = count > 0 ? count : events.size();
        Map<String, Object> config = kafka.client(host);
        config.put("acks", "all");
        // A topic that has just been made may refuse the first batch and take the second; then the first never fits in
        // again.
        config.put("max.in.flight.requests.per.connection", "1");
        config.put("linger.ms", rate.isZero() ? "5" : "0");
        config.put("max.block.ms", kafka.timeout.toMillis());
        config.put("delivery.timeout.ms", (int) kafka.timeout.toMillis());
        Map<TopicPartition, Long> last = new TreeMap<>(
                java.util.Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            Deque<Future<RecordMetadata>> pending = new ArrayDeque<>();
            for (long n = 0; n < total; n++) {
                pending.add(producer.send(recordOf(events.get((int) (n % events.size())), n)));
                while (pending.size() > IN_FLIGHT_MAX
                        || (pending.peek() != null && pending.peek().isDone())) {
                    settle(pending.remove(), last);
                }
                if (!rate.isZero() && n + 1 < total) {
                    Thread.sleep(rate);
                }
            }
            producer.flush();
            while (!pending.isEmpty()) {
                settle(pending.remove(), last);
            }
        } catch (ExecutionException | KafkaException e) {
            throw kafka.unreachable(host, e);
        }
        String where = total == 1
                ? last.entrySet().stream()
                        .map(e -> e.getKey() + "@" + e.getValue())
                        .findFirst()
                        .orElse("")
                : "\"" + topic + "\"";
        String summary = PipelineFile.count(total, "event") + " to " + where;
        Map<String, Object> positions = new TreeMap<>();
        last.forEach((partition, offset) -> positions.put(partition.toString(), offset));
        return Answer.ok(
                summary,
                Format.map("topic", topic, "brokers", kafka.brokers(host), "sent", total, "lastOffsets", positions),
                summary);
    }

    private static void settle(Future<RecordMetadata> sent, Map<TopicPartition, Long> last)
            throws ExecutionException, InterruptedException {
        RecordMetadata metadata = sent.get();
        last.merge(new TopicPartition(metadata.topic(), metadata.partition()), metadata.offset(), Math::max);
    }

    private ProducerRecord<byte[], byte[]> recordOf(String event, long n) {
        RecordHeaders recordHeaders = new RecordHeaders();
        for (String header : headers) {
            String[] pair = split(header);
            recordHeaders.add(pair[0], bytes(numbered(pair[1], n)));
        }
        byte @Nullable [] recordKey = key == null ? null : bytes(numbered(key, n));
        return new ProducerRecord<>(topic, null, recordKey, bytes(numbered(event, n)), recordHeaders);
    }

    private static String[] split(String header) {
        String[] pair = header.split("=", 2);
        if (pair.length != 2 || pair[0].isEmpty()) {
            throw new CommandException(Failure.invalid(
                    "cli.usage", "--header \"" + header + "\" is not NAME=VALUE", "write --header name=value"));
        }
        return pair;
    }

    private static String numbered(String text, long n) {
        return text.contains("{{n}}") ? text.replace("{{n}}", Long.toString(n)) : text;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<String> events() throws IOException {
        if ((json == null) == (file == null)) {
            throw new CommandException(Failure.invalid(
                    "cli.usage",
                    json == null ? "there is nothing to send" : "both --json and --file say what to send",
                    "give either --json or --file"));
        }
        if (json != null) {
            return List.of(json);
        }
        String name = java.util.Objects.requireNonNull(file);
        List<String> events = name.equals("-")
                ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                        .lines()
                        .filter(line -> !line.isBlank())
                        .toList()
                : read(Path.of(name));
        if (events.isEmpty()) {
            throw new CommandException(Failure.invalid("cli.no_events", "\"" + name + "\" has no events in it", ""));
        }
        return events;
    }

    private static List<String> read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CommandException(
                    Failure.invalid("cli.no_file", "there is no file \"" + file + "\"", "check the path"));
        }
        String text = Files.readString(file);
        String name = file.toString();
        return name.endsWith(".jsonl") || name.endsWith(".ndjson")
                ? text.lines().filter(line -> !line.isBlank()).toList()
                : text.isBlank() ? List.of() : List.of(text.strip());
    }
}
