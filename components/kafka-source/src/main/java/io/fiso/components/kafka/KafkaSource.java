// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.kafka.BrokerDiagnosis;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.StableId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/** Reads Kafka topics as one member of a consumer group. */
public final class KafkaSource implements EventSource {
    /** How long brokers may be out of reach at the start before the component gives up and is started again. */
    private static final Duration FIRST_CONTACT_TIMEOUT = Duration.ofSeconds(30);

    // The client tells its whole configuration at INFO. Kept, since loggers are otherwise collected together with their
    // levels.
    private static final Logger CLIENT_LOGGER = Logger.getLogger("org.apache.kafka");

    private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);

    private final Duration firstContactTimeout;
    private @Nullable KafkaSourceConfig config;
    private @Nullable ClientProperties properties;
    private @Nullable TopicReader reader;
    private volatile @Nullable Restorer restorer;

    /** What makes events of records again, once the cluster is known that their ids derive from. */
    private record Restorer(RecordEvents events, String cluster) {}

    /** A source as users run it. */
    public KafkaSource() {
        this(FIRST_CONTACT_TIMEOUT);
    }

    KafkaSource(Duration firstContactTimeout) {
        this.firstContactTimeout = firstContactTimeout;
    }

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new KafkaSource(), args);
    }

    @Override
    public void open(SourceContext context) {
        CLIENT_LOGGER.setLevel(Level.WARNING);
        KafkaSourceConfig read = context.config(KafkaSourceConfig.class);
        ClientProperties clients = new ClientProperties(read, context);
        config = read;
        properties = clients;
        context.deadLetters(new KafkaDeadLetterStore(
                context.deadLetterTopic(),
                () -> new KafkaProducer<>(clients.deadLetterProducer()),
                () -> Admin.create(clients.admin())));
    }

    @Override
    public void run(SourceContext context) throws Exception {
        KafkaSourceConfig settings = Objects.requireNonNull(config, "run before open");
        ClientProperties clients = Objects.requireNonNull(properties);
        String cluster;
        Set<String> awaited =
                new HashSet<>(AwaitedTopics.in(context.stateDirectory()).read());
        try (Admin admin = admin(settings, clients)) {
            cluster = awaitBroker(admin, settings, context);
            awaited.addAll(awaitTopics(admin, settings, context));
        }
        if (context.stopping()) {
            return;
        }
        RecordEvents events = new RecordEvents("fiso-flow/" + context.pipeline(), settings.eventType());
        restorer = new Restorer(events, cluster);
        TopicReader topics = new TopicReader(
                new KafkaConsumer<>(clients.consumer()),
                context,
                events,
                new StartPositions(settings.start(), awaited, REQUEST_TIMEOUT),
                cluster);
        reader = topics;
        try {
            topics.run(settings.allTopics());
        } catch (InterruptException _) {
            throw new InterruptedException("interrupted while reading");
        }
    }

    @Override
    public SourceEvent restore(OriginalRecord original) {
        Restorer known = restorer;
        if (known == null) {
            throw new IllegalStateException("no Kafka broker has answered yet");
        }
        return known.events()
                .convert(
                        original.origin() + "-" + original.partition(),
                        StableId.in(known.cluster(), original.origin()),
                        KafkaRecord.consumedAgain(original));
    }

    private static Admin admin(KafkaSourceConfig settings, ClientProperties clients) {
        try {
            return Admin.create(clients.admin());
        } catch (KafkaException e) {
            String cause = e.getCause() == null
                    ? String.valueOf(e.getMessage())
                    : e.getCause().getMessage();
            throw new IllegalStateException(
                    "no Kafka client can be made for " + settings.brokerAddresses() + ": " + cause, e);
        }
    }

    /** Waits for a broker's first answer; returns the cluster's id. */
    private String awaitBroker(Admin admin, KafkaSourceConfig settings, SourceContext context) throws Exception {
        long deadline = System.nanoTime() + firstContactTimeout.toNanos();
        while (true) {
            try {
                return admin.describeCluster().clusterId().get(ATTEMPT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                Throwable cause = e instanceof ExecutionException ? Objects.requireNonNullElse(e.getCause(), e) : e;
                if (!(cause instanceof TimeoutException
                        || cause instanceof org.apache.kafka.common.errors.RetriableException)) {
                    throw new IllegalStateException(
                            "the Kafka brokers " + settings.brokerAddresses() + " refuse this client: "
                                    + cause.getMessage(),
                            cause);
                }
                String explanation = BrokerDiagnosis.explain(settings.brokerAddresses());
                if (System.nanoTime() > deadline || context.stopping()) {
                    throw new IllegalStateException(
                            "no Kafka broker answered within " + firstContactTimeout.toSeconds() + " s. " + explanation,
                            e);
                }
                context.logger().log(System.Logger.Level.WARNING, "No Kafka broker answers; holding. {0}", explanation);
                context.await(RETRY_INTERVAL);
            }
        }
    }

    /** Waits until every topic exists; returns those that were missing at first. Everything in them was written after this pipeline had started. */
    private static Set<String> awaitTopics(Admin admin, KafkaSourceConfig settings, SourceContext context)
            throws Exception {
        Set<String> awaited = new HashSet<>();
        long nextWarning = System.nanoTime();
        while (!context.stopping()) {
            Set<String> missing = new TreeSet<>(settings.allTopics());
            try {
                missing.removeAll(admin.listTopics().names().get(ATTEMPT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
                if (awaited.addAll(missing)) {
                    AwaitedTopics.in(context.stateDirectory()).add(missing);
                }
                if (missing.isEmpty()) {
                    return awaited;
                }
            } catch (ExecutionException | TimeoutException e) {
                context.logger().log(System.Logger.Level.WARNING, "Topics cannot be listed; holding", e);
            }
            if (System.nanoTime() - nextWarning >= 0) {
                nextWarning = System.nanoTime() + ATTEMPT_TIMEOUT.toNanos() * 2;
                context.logger()
                        .log(
                                System.Logger.Level.WARNING,
                                "Topics {0} do not exist yet; waiting until they are created",
                                missing);
            }
            context.await(RETRY_INTERVAL);
        }
        return awaited;
    }

    @Override
    public void close() {
        TopicReader open = reader;
        reader = null;
        if (open != null) {
            open.close();
        }
    }
}
