// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import io.fiso.sdk.delivery.Accepted;
import io.fiso.sdk.delivery.Open;
import io.fiso.sdk.delivery.ProtocolException;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Refusal;
import io.fiso.sdk.delivery.Settlement;
import io.fiso.sdk.delivery.SubscriberCall;
import io.fiso.sdk.delivery.SubscriberLink;
import io.fiso.sdk.delivery.UpstreamCall;
import io.fiso.sdk.delivery.UpstreamLink;
import org.jspecify.annotations.Nullable;

/** One call between two instances: in order, with delay, and lost with all that is on it when it breaks. */
final class Wire implements UpstreamLink, SubscriberLink {
    private final Simulation simulation;
    private final Instance subscriber;
    private final Open open;
    private UpstreamCall receiving;
    private @Nullable Instance emitter;
    private @Nullable SubscriberCall sending;
    private long lastUp;
    private long lastDown;
    private boolean broken;
    private boolean straggles;

    Wire(Simulation simulation, Instance subscriber, Open open, UpstreamCall call) {
        this.simulation = simulation;
        this.subscriber = subscriber;
        this.open = simulation.mutation().opening(open);
        this.receiving = simulation.mutation().receiving(call, this, subscriber, open);
    }

    void dial(@Nullable Instance target) {
        simulation.after(simulation.delay(), () -> {
            if (broken) {
                return;
            }
            if (target == null || !target.reachable()) {
                breakDown();
                return;
            }
            emitter = target;
            target.wires.add(this);
            target.post(() ->
                    sending = simulation.mutation().sending(target.core().subscribe(open, this), target, open));
        });
    }

    boolean broken() {
        return broken;
    }

    /** Breaks the call; either end learns of it in its own time. */
    void breakDown() {
        if (broken) {
            return;
        }
        broken = true;
        // What the subscriber said last may still arrive, as it may on a connection of which only one side has heard.
        straggles = simulation.random().nextBoolean();
        UpstreamCall call = receiving;
        simulation.after(simulation.delay() * 2, () -> subscriber.post(call::closed));
        simulation.after(simulation.delay() * 4, () -> {
            Instance at = emitter;
            SubscriberCall known = sending;
            if (at != null && known != null) {
                at.post(known::closed);
            }
        });
    }

    @Override
    public void close() {
        breakDown();
    }

    private void down(Runnable message) {
        lastDown = Math.max(lastDown + 1, simulation.now() + simulation.delay());
        simulation.at(lastDown, () -> {
            if (!broken) {
                subscriber.post(() -> guarded(message));
            }
        });
    }

    private void up(java.util.function.Consumer<SubscriberCall> message) {
        lastUp = Math.max(lastUp + 1, simulation.now() + simulation.delay());
        simulation.at(lastUp, () -> {
            Instance at = emitter;
            SubscriberCall known = sending;
            if ((!broken || straggles) && at != null && known != null) {
                at.post(() -> guarded(() -> message.accept(known)));
            }
        });
    }

    private static void guarded(Runnable message) {
        try {
            message.run();
        } catch (ProtocolException e) {
            Violation violation = new Violation("protocol", String.valueOf(e.getMessage()));
            violation.initCause(e);
            throw violation;
        }
    }

    // ---- what the subscriber says

    @Override
    public void credit(long events, long bytes) {
        up(call -> call.credit(events, bytes));
    }

    @Override
    public void settle(Settlement settlement) {
        Settlement copy = new Settlement();
        copy.upTo(settlement.upTo());
        for (int i = 0; i < settlement.ranges(); i++) {
            copy.addRange(settlement.first(i), settlement.last(i), settlement.fate(i));
        }
        copy.failures().addAll(settlement.failures());
        up(call -> call.settle(copy));
    }

    // ---- what the emitter says

    @Override
    public void accepted(Accepted accepted) {
        Instance at = emitter;
        if (at != null) {
            simulation.accepted(at, open.edge(), subscriber, !accepted.continues());
        }
        simulation.trace(() -> at + " accepts " + subscriber + ": " + accepted);
        down(() -> {
            receiving.accepted(accepted);
            if (at != null && !broken) {
                simulation.took(subscriber, open.edge(), at);
            }
        });
    }

    @Override
    public void refused(Refusal reason, String message) {
        simulation.trace(() -> emitter + " refuses " + subscriber + ": " + reason);
        down(() -> receiving.refused(reason, message));
    }

    @Override
    public void batch(long firstSequence, Records records, long settledUpTo) {
        Records copy = new Records(Math.max(1, records.size()));
        for (int i = 0; i < records.size(); i++) {
            copy.addFrom(records, i);
        }
        down(() -> receiving.batch(firstSequence, copy, settledUpTo));
    }

    @Override
    public void recall(long first, long last) {
        down(() -> receiving.recall(first, last));
    }

    @Override
    public void endOfStream(long lastSequence) {
        down(() -> receiving.endOfStream(lastSequence));
    }
}
