// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.kafka;

import io.fiso.sdk.EventSource;
import io.fiso.sdk.FisoComponent;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.StableId;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
    // The client tells its whole configuration at INFO. Kept, since loggers are otherwise collected together with their
    // levels.
    private static final Logger CLIENT_LOGGER = Logger.getLogger("org.apache.kafka");

    private @Nullable KafkaSourceConfig config;
    private @Nullable ClientProperties properties;
    private @Nullable TopicReader reader;
    private volatile @Nullable Restorer restorer;

    /** What makes events of records again, once the cluster is known that their ids derive from. */
    private record Restorer(RecordEvents events, String cluster) {}

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
        try (Admin admin = admin(settings, clients)) {
            BrokerContact contact = new BrokerContact(admin, settings.brokerAddresses(), context);
            Optional<String> cluster = contact.awaitCluster();
            if (cluster.isEmpty()) {
                return;
            }
            TopicMemory memory =
                    TopicMemory.in(context.stateDirectory(), cluster.get(), settings.group(context.pipeline()));
            if (contact.awaitTopics(settings.allTopics(), memory)) {
                RecordEvents events = new RecordEvents("fiso-flow/" + context.pipeline(), settings.eventType());
                restorer = new Restorer(events, cluster.get());
                read(
                        context,
                        contact,
                        memory,
                        new ClusterWatch(admin, settings.brokerAddresses(), settings.allTopics(), clients.isolation()));
            }
        }
    }

    private void read(SourceContext context, BrokerContact contact, TopicMemory memory, ClusterWatch watch)
            throws InterruptedException {
        KafkaSourceConfig settings = Objects.requireNonNull(config);
        Restorer known = Objects.requireNonNull(restorer);
        StartPositions starts = new StartPositions(
                settings.start(),
                settings.bound(),
                context.run(),
                settings.allTopics(),
                topic -> memory.past(topic, contact.topicIds(Set.of(topic)).get(topic)),
                context.clock());
        TopicReader topics = new TopicReader(
                new KafkaConsumer<>(Objects.requireNonNull(properties).consumer()),
                context,
                new TopicReader.Parts(
                        known.events(),
                        starts,
                        watch,
                        known.cluster(),
                        settings.revokeTimeout(),
                        names -> contact.topicIds(names).forEach(memory::read)));
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

    @Override
    public void close() {
        TopicReader open = reader;
        reader = null;
        if (open != null) {
            open.close();
        }
    }
}
