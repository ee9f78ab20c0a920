// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Puts events into a topic for as long as a soak lasts, and collects what arrives in the least of space. */
final class SteadyLoad implements AutoCloseable {
    private static final int PER_SECOND = 10;
    private static final int KEYS = 200;

    private final Oracle oracle;
    private final Thread producer;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final List<Oracle.Arrival> arrivals = new ArrayList<>();
    private volatile boolean over;

    private SteadyLoad(Oracle oracle, KafkaBroker kafka, String topic, int eventsPerSecond) {
        this.oracle = oracle;
        this.producer = Thread.ofVirtual().start(() -> produce(kafka, topic, eventsPerSecond / PER_SECOND));
    }

    static SteadyLoad on(Oracle oracle, KafkaBroker kafka, String topic, int eventsPerSecond) {
        return new SteadyLoad(oracle, kafka, topic, eventsPerSecond);
    }

    private void produce(KafkaBroker kafka, String topic, int events) {
        try {
            while (!over) {
                kafka.produce(topic, oracle.issue(events, KEYS));
                Thread.sleep(Duration.ofSeconds(1).dividedBy(PER_SECOND));
            }
        } catch (Exception e) {
            failure.set(e);
        }
    }

    /** The endpoint has this event; to be called as it is answered with success. */
    void arrived(HttpStub.Request request) {
        Oracle.Arrival arrival = Oracle.arrivals(List.of(request)).getFirst();
        synchronized (arrivals) {
            arrivals.add(arrival);
        }
    }

    int arrivals() {
        synchronized (arrivals) {
            return arrivals.size();
        }
    }

    /** Puts no more in; what arrived up to now. */
    List<Oracle.Arrival> arrived() throws Exception {
        close();
        Exception failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        synchronized (arrivals) {
            return List.copyOf(arrivals);
        }
    }

    @Override
    public void close() throws InterruptedException {
        over = true;
        producer.join();
    }
}
