// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.server;

import io.fiso.broker.BrokerException;
import io.fiso.broker.alarm.ClockAlarms;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.keyvalue.KeyValues;
import io.fiso.broker.metrics.PrimitiveMetrics;
import io.fiso.broker.queue.Queues;
import io.fiso.broker.service.KeyValueService;
import io.fiso.broker.service.QueueService;
import io.fiso.broker.service.ResourceService;
import io.fiso.broker.service.StreamService;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Store;
import io.fiso.broker.stream.Streams;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Streams, queues and key-value stores over one store, with what has to be done for them from time to time. */
public final class Primitives implements Services.Opening {
    private static final System.Logger LOG = System.getLogger(Primitives.class.getName());
    /** How often streams let go what they need not keep. */
    private static final Duration RETENTION_INTERVAL = Duration.ofSeconds(30);
    /** How often members of consumer groups that went silent are looked for. */
    private static final Duration LEASE_INTERVAL = Duration.ofSeconds(1);

    private final InstantSource clock;

    public Primitives(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Services over(Store store, Catalogue catalogue) {
        Endings endings = new Endings();
        try {
            return over(store, catalogue, endings);
        } catch (RuntimeException e) {
            endings.close();
            throw e;
        }
    }

    private Services over(Store store, Catalogue catalogue, Endings endings) {
        ClockAlarms alarms = new ClockAlarms(clock);
        endings.add(alarms::close);
        KeyValues keyValues = new KeyValues(store, catalogue, alarms, clock);
        endings.add(keyValues::close);
        Queues queues = new Queues(store, catalogue, alarms, clock);
        endings.add(queues::close);
        Streams streams = new Streams(store, catalogue, clock);
        endings.add(streams::close);
        queues.start();
        keyValues.start();
        every(RETENTION_INTERVAL, "retention", () -> streams.retain(), endings);
        every(LEASE_INTERVAL, "leases", streams.groups()::expire, endings);
        return new Services(
                List.of(
                        new ResourceService(
                                store,
                                catalogue,
                                (change, resource) -> remove(change, resource, streams, queues, keyValues)),
                        new StreamService(streams),
                        new QueueService(queues, clock),
                        new KeyValueService(keyValues)),
                new PrimitiveMetrics(store, catalogue, streams, queues, keyValues),
                endings::close);
    }

    private static void remove(Change change, Resource resource, Streams streams, Queues queues, KeyValues keyValues) {
        switch (resource.name().kind()) {
            case STREAM -> streams.removeIn(change, resource);
            case QUEUE -> queues.removeIn(change, resource);
            case KEY_VALUE -> keyValues.removeIn(change, resource);
        }
    }

    /** On a thread of its own: what takes long keeps nothing else waiting. */
    static void every(Duration interval, String what, Runnable work, Endings endings) {
        Runnable guarded = () -> {
            try {
                work.run();
            } catch (BrokerException e) {
                // The next turn may do better; what the disk does not take, callers are told.
                LOG.log(Level.WARNING, "broker: " + what + " failed: " + e.getMessage());
            } catch (Throwable e) {
                // Were it thrown, there would be no next turn, and nobody would hear of it.
                LOG.log(Level.ERROR, "broker: " + what + " failed", e);
            }
        };
        ScheduledExecutorService upkeep = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("broker-" + what).daemon(true).factory());
        endings.add(upkeep::shutdownNow);
        upkeep.scheduleWithFixedDelay(guarded, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }
}
