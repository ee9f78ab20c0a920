// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.brokeraccess;

import io.cloudevents.CloudEvent;
import io.fiso.broker.client.BrokerFailure;
import io.fiso.sdk.BatchEventSink.Outcome;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.DeliveryException.Kind;
import io.fiso.sdk.message.EventMessage;
import io.fiso.sdk.message.EventWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Delivers batches of events in requests that the broker takes: one, unless the batch has more than one may have. Each is there as a whole or not at all; what
 * went before one that failed stays delivered.
 */
public final class Portions {
    /** What the broker takes of a payload. */
    private static final int PAYLOAD_MAX_BYTES = 4 << 20;
    /** Below the 16 MiB that it takes in all, by its own way to count. */
    private static final int PORTION_MAX_BYTES = 15 << 20;

    /** With a request after it, still below the limit of a call (30 s). */
    private static final Duration RESTART_MAX = Duration.ofSeconds(8);

    private static final long PAUSE_MIN_MILLIS = 50;
    private static final long PAUSE_MAX_MILLIS = 500;

    private final BrokerLink link;
    private final EventWriter writer;
    private final DeliveryFailures failures;
    private final int countMax;
    private final Request request;

    /** Brings some messages to the broker, all or none. */
    @FunctionalInterface
    public interface Request {
        void send(List<EventMessage> messages) throws IOException, InterruptedException;
    }

    private record Portion(List<Integer> places, List<EventMessage> messages) {}

    /** @param countMax how many messages a request may have */
    public Portions(BrokerLink link, EventWriter writer, int countMax, Request request) {
        this.link = link;
        this.writer = writer;
        this.failures = new DeliveryFailures(link.target());
        this.countMax = countMax;
        this.request = request;
    }

    /** Delivers a batch under the rules of a sink that takes batches. */
    public void deliver(List<CloudEvent> events, Outcome outcome) throws DeliveryException, InterruptedException {
        List<Portion> portions = portions(events, outcome);
        for (int i = 0; i < portions.size(); i++) {
            try {
                send(portions.get(i).messages());
            } catch (DeliveryException e) {
                if (i == 0) {
                    throw e;
                }
                // The rest comes again; who of them is to blame, if somebody is, shows when they come first.
                portions.subList(i, portions.size())
                        .forEach(left -> left.places().forEach(place -> outcome.failed(place, e.as(Kind.TRANSIENT))));
                return;
            }
        }
    }

    private List<Portion> portions(List<CloudEvent> events, Outcome outcome) throws DeliveryException {
        List<Portion> portions = new ArrayList<>();
        int bytes = 0;
        for (int place = 0; place < events.size(); place++) {
            EventMessage message = writer.write(events.get(place), outcome.orderKey(place));
            byte[] payload = message.payload();
            if (payload != null && payload.length > PAYLOAD_MAX_BYTES) {
                refuse(payload.length, place, events.size(), outcome);
                continue;
            }
            boolean full = portions.isEmpty()
                    || bytes + message.bytes() > PORTION_MAX_BYTES
                    || portions.getLast().messages().size() >= countMax;
            if (full) {
                portions.add(new Portion(new ArrayList<>(), new ArrayList<>()));
                bytes = 0;
            }
            portions.getLast().places().add(place);
            portions.getLast().messages().add(message);
            bytes += message.bytes();
        }
        return portions;
    }

    /** Too large for ever. Those behind it with its key must wait for what becomes of it, so then the batch comes again, one by one. */
    private static void refuse(int bytes, int place, int count, Outcome outcome) throws DeliveryException {
        DeliveryException reason = DeliveryException.permanent(
                "EVENT_TOO_LARGE", "the payload would have " + bytes + " bytes; the broker takes " + PAYLOAD_MAX_BYTES);
        byte[] key = outcome.orderKey(place);
        for (int later = place + 1; key.length > 0 && later < count; later++) {
            if (Arrays.equals(key, outcome.orderKey(later))) {
                throw reason;
            }
        }
        outcome.failed(place, reason);
    }

    /**
     * A broker that is started again is away for seconds. That is waited out here: the circuit of a sink would ask for it again only after its interval, and hold
     * everything until then.
     */
    private void send(List<EventMessage> messages) throws DeliveryException, InterruptedException {
        long giveUp = System.nanoTime() + RESTART_MAX.toNanos();
        long pause = PAUSE_MIN_MILLIS;
        while (true) {
            try {
                link.resource();
                request.send(messages);
                return;
            } catch (BrokerFailure e) {
                if (!e.away() || System.nanoTime() - giveUp > 0) {
                    throw failures.of(e);
                }
            } catch (IOException e) {
                throw failures.of(e);
            }
            Thread.sleep(pause);
            pause = Math.min(PAUSE_MAX_MILLIS, pause * 2);
        }
    }
}
