// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.ArrayList;
import java.util.List;

/** An edge that starts here: filters by type, and places order keys over the wired replicas. */
final class Edge {
    private final DeliverySettings settings;
    private final String name;
    private final List<Observer> observers = new ArrayList<>();
    private Outbox[] outboxes = new Outbox[0];
    private TypeFilter filter = new TypeFilter(List.of());
    private int wantedReplicas;
    private int nextUnordered;

    Edge(DeliverySettings settings, String name) {
        this.settings = settings;
        this.name = name;
    }

    String name() {
        return name;
    }

    void wire(Wiring.Downstream wiring) {
        filter = new TypeFilter(wiring.types());
        wantedReplicas = Math.max(1, wiring.replicas());
        if (wantedReplicas < outboxes.length) {
            shrink();
        }
        grow();
        for (int i = 0; i < outboxes.length && i < wiring.minGenerations().size(); i++) {
            outboxes[i].minGeneration(wiring.minGenerations().get(i));
        }
    }

    /** More replicas take over keys only once nothing is unsettled, so that no key is in two places. */
    private void grow() {
        if (wantedReplicas <= outboxes.length || unsettled() > 0) {
            return;
        }
        Outbox[] grown = java.util.Arrays.copyOf(outboxes, wantedReplicas);
        for (int replica = outboxes.length; replica < wantedReplicas; replica++) {
            grown[replica] = new Outbox(settings, name, replica);
        }
        outboxes = grown;
    }

    /** A replica that wiring no longer lists is fenced: what it had goes to the others; their own keys stay where they are. */
    private void shrink() {
        Outbox[] old = outboxes;
        outboxes = java.util.Arrays.copyOf(old, wantedReplicas);
        for (int replica = wantedReplicas; replica < old.length; replica++) {
            old[replica].moveAll(this);
        }
    }

    boolean hasRoom() {
        if (wantedReplicas != outboxes.length) {
            grow();
            if (wantedReplicas != outboxes.length) {
                return false;
            }
        }
        for (Outbox outbox : outboxes) {
            if (!outbox.hasRoom()) {
                return false;
            }
        }
        return true;
    }

    boolean accepts(Records records, int index) {
        return filter.accepts(records, index);
    }

    void append(Records records, int index, InputLedger owner, long entry) {
        for (int i = 0; i < observers.size(); i++) {
            observers.get(i).offer(records, index);
        }
        place(records, index, owner, entry);
    }

    void place(Records records, int index, InputLedger owner, long entry) {
        int replica = 0;
        if (outboxes.length > 1) {
            int length = records.keyLengths[index];
            replica = length == 0
                    ? nextUnordered++ % outboxes.length
                    : OrderKeys.place(
                            OrderKeys.hash(records.keyBuffers[index], records.keyOffsets[index], length),
                            outboxes.length);
            nextUnordered = nextUnordered == Integer.MAX_VALUE ? 0 : nextUnordered;
        }
        outboxes[replica].append(records, index, owner, entry);
    }

    SubscriberCall subscribe(Open open, SubscriberLink link) {
        if (open.observe()) {
            Observer observer = new Observer(settings, link);
            observers.add(observer);
            return observer;
        }
        if (open.replica() < 0 || open.replica() >= outboxes.length) {
            link.refused(
                    Refusal.NOT_WIRED,
                    "edge '" + name + "' is wired for " + outboxes.length + " replicas, replica " + open.replica()
                            + " is not among them; try again when the wiring has arrived");
            return DeliveryCore.REFUSED;
        }
        return outboxes[open.replica()].subscribe(open, link);
    }

    /** Returns true if events are held back for want of credit. */
    boolean send() {
        boolean held = false;
        for (Outbox outbox : outboxes) {
            held |= outbox.send();
        }
        for (int i = observers.size() - 1; i >= 0; i--) {
            Observer observer = observers.get(i);
            observer.send();
            if (observer.closedDown()) {
                observers.remove(i);
            }
        }
        return held;
    }

    void sendEnd() {
        for (Outbox outbox : outboxes) {
            outbox.sendEnd();
        }
    }

    void recall(InputLedger ledger) {
        for (Outbox outbox : outboxes) {
            outbox.recall(ledger);
        }
    }

    long unsettled() {
        long unsettled = 0;
        for (Outbox outbox : outboxes) {
            unsettled += outbox.unsettled();
        }
        return unsettled;
    }

    long events() {
        long events = 0;
        for (Outbox outbox : outboxes) {
            events += outbox.events();
        }
        return events;
    }

    void progress(List<Progress.Edge> into) {
        for (Outbox outbox : outboxes) {
            into.add(outbox.progress());
        }
    }
}
