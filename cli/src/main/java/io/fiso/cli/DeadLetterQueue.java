// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.client.BrokerFailure;
import io.fiso.broker.client.DeadLetterStream;
import io.fiso.cli.letters.BrokerLetterStore;
import io.fiso.cli.letters.FileLetterStore;
import io.fiso.cli.letters.KafkaLetterStore;
import io.fiso.cli.letters.Letter;
import io.fiso.cli.letters.LetterStore;
import io.fiso.cli.letters.Letters;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.controlplane.ControlPlaneConfig;
import io.fiso.kafka.BrokerDiagnosis;
import io.fiso.kafka.Connection;
import io.fiso.kafka.Sasl;
import io.fiso.kafka.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Which dead letters are meant: those of a pipeline's file stores, of its streams in the broker, and of its topic if it reads Kafka. */
final class DeadLetterQueue {
    private static final String KAFKA_SOURCE = "kafka-source";

    @Parameters(index = "0", paramLabel = "PIPELINE", description = "The pipeline's name")
    String pipeline = "";

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description =
                    "The pipeline's file: where its brokers and topic stand (default: as its newest run had them)")
    @Nullable
    Path file;

    @Option(
            names = "--brokers",
            paramLabel = "HOST:PORT,…",
            description = "Brokers of the dead letter topic (default: those the pipeline reads from)")
    @Nullable
    String brokers;

    @Option(
            names = "--topic",
            description =
                    "The dead letter topic, or the stream in its place (default: the pipeline's deadLetterTopic, else fiso-dlq-PIPELINE, and every stream that letters lie in)")
    @Nullable
    String topic;

    @Option(
            names = "--property",
            paramLabel = "KEY=VALUE",
            description = "A further property of the Kafka client, for TLS and SASL for example")
    Map<String, String> properties = Map.of();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = Durations.class,
            defaultValue = "10s",
            description = "How long a broker may take to answer (default: 10s)")
    Duration timeout = Duration.ofSeconds(10);

    private final Map<String, List<String>> addresses = new HashMap<>();
    private @Nullable BrokerConnection broker;

    /** What is done with the stores while they are open. */
    interface Use<T> {
        T with(List<LetterStore> stores) throws IOException, InterruptedException;
    }

    /** Opens the stores, and says in the user's words what goes wrong with them. */
    <T> T use(Host host, Use<T> use) throws IOException, InterruptedException {
        List<LetterStore> stores = new ArrayList<>();
        try {
            addStores(host, stores);
            return use.with(stores);
        } catch (LetterStore.BusyException e) {
            throw new CommandException(
                    Failure.environment(
                            "dlq.busy", String.valueOf(e.getMessage()), "wait until it is through, or stop it"),
                    e);
        } catch (KafkaException e) {
            throw kafkaFailed(e);
        } catch (BrokerFailure e) {
            throw new CommandException(
                    Failure.environment(
                            e.code(),
                            "dead letters lie in the broker of this machine, and "
                                    + (e.isTransient() ? "" : "it refused: ") + e.getMessage(),
                            e.isTransient()
                                    ? "try again; \"fisoctl broker\" starts one where its errors can be seen"
                                    : ""),
                    e);
        } finally {
            for (LetterStore store : stores) {
                store.close();
            }
            if (broker != null) {
                broker.close();
            }
        }
    }

    /** The letters that are chosen, the newest last. */
    List<Letter> letters(Host host, Predicate<Letter> choice) throws IOException, InterruptedException {
        return use(host, stores -> Letters.read(stores, choice));
    }

    private void addStores(Host host, List<LetterStore> stores) throws IOException, InterruptedException {
        Path home = ControlPlaneConfig.pipelineDirectory(host.stateHome(), pipeline);
        if (file == null && brokers == null && !Files.isDirectory(home)) {
            // Says which pipelines there are.
            new KnownRuns(host).find(pipeline);
        }
        Path letters = home.resolve("dead-letters");
        stores.addAll(FileLetterStore.in(letters));
        addStreams(host, letters, stores);
        Map<String, Map<String, Object>> topics = new LinkedHashMap<>();
        if (brokers != null) {
            topics.put(topic == null ? "fiso-dlq-" + pipeline : topic, client(Connection.addresses(brokers), Map.of()));
        } else {
            for (PipelineComponents.Component component : PipelineComponents.of(host, pipeline, file)) {
                if (component.type().equals(KAFKA_SOURCE)) {
                    Connection connection = connection(component.config());
                    topics.putIfAbsent(
                            topic == null ? component.deadLetterTopic(pipeline) : topic,
                            client(connection.brokers(), connection.clientProperties()));
                }
            }
        }
        Optional<Path> directory = Files.isDirectory(home) ? Optional.of(letters) : Optional.empty();
        topics.forEach((name, client) -> stores.add(new KafkaLetterStore(client, name, pipeline, timeout, directory)));
    }

    /** A pipeline that never had a letter in the broker needs none; for one that had, it is started if it does not run. */
    private void addStreams(Host host, Path letters, List<LetterStore> stores)
            throws IOException, InterruptedException {
        List<DeadLetterStream> streams = DeadLetterStream.marked(letters).stream()
                .filter(stream -> topic == null || stream.equals(DeadLetterStream.of(pipeline, topic)))
                .toList();
        if (streams.isEmpty()) {
            return;
        }
        BrokerConnection connected =
                BrokerConnection.to(new LocalBroker(host).findOrStart().address());
        broker = connected;
        streams.forEach(stream -> stores.add(new BrokerLetterStore(connected, stream, pipeline, timeout, letters)));
    }

    private Map<String, Object> client(List<String> to, Map<String, Object> connection) {
        Map<String, Object> client = new HashMap<>(connection);
        client.putAll(properties);
        String servers = String.join(",", to);
        addresses.put(servers, to);
        return KafkaOptions.client(client, servers, timeout);
    }

    private static Connection connection(JsonNode config) {
        Map<String, Object> further = new HashMap<>();
        config.path("properties")
                .properties()
                .forEach(property ->
                        further.put(property.getKey(), property.getValue().asString("")));
        JsonNode brokers = config.path("brokers");
        return new Connection(
                brokers.isArray()
                        ? brokers.valueStream().map(one -> one.asString("")).toList()
                        : Connection.addresses(brokers.asString("")),
                config.hasNonNull("tls")
                        ? JsonMapper.builder().build().treeToValue(config.get("tls"), Tls.class)
                        : null,
                config.hasNonNull("sasl") ? sasl(config.get("sasl")) : null,
                further);
    }

    private static Sasl sasl(JsonNode sasl) {
        String written = sasl.path("mechanism").asString("").replace('-', '_');
        return new Sasl(
                Arrays.stream(Sasl.Mechanism.values())
                        .filter(mechanism -> mechanism.name().equals(written.toUpperCase(Locale.ROOT)))
                        .findFirst()
                        .orElse(null),
                sasl.path("username").asString(""),
                sasl.path("password").asString(""));
    }

    private CommandException kafkaFailed(KafkaException cause) {
        if (!(cause instanceof RetriableException)) {
            return new CommandException(
                    Failure.environment("kafka.refused", "Kafka refused: " + cause.getMessage(), ""), cause);
        }
        List<String> tried =
                addresses.values().stream().flatMap(List::stream).distinct().toList();
        return new CommandException(
                Failure.environment(
                        "kafka.unreachable",
                        "no broker answered at " + String.join(",", tried) + " within " + Durations.show(timeout),
                        BrokerDiagnosis.explain(tried) + "\nname others with --brokers"),
                cause);
    }
}
