// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * An edge that starts here: filters by type, and places order keys over the wired replicas.
 *
 * <p>Events of one order key that are not settled are always at one replica. A key whose place changes stays where it is until its events
 * there are settled, unless that replica is out: then its events, and with them its keys, go to the others at once.
 *
 * <p>All replicas share the room of the edge, their windows added up: keys of other replicas flow while one stands still, until what waits
 * for that one takes up all the room. No more is possible, because events come in one order and those in between may not be left out.
 */
final class Edge {
    private final DeliverySettings settings;
    private final String name;
    private final Set<String> leadsTo;
    private final List<Observer> observers = new ArrayList<>();
    private final KeyPins pins = new KeyPins();
    /** By replica; one that was ever wired stays, for its counts. */
    private Outbox[] outboxes = new Outbox[0];

    private boolean[] out = new boolean[0];
    private int wired;
    private int active;
    private TypeFilter filter = new TypeFilter(List.of());

    Edge(DeliverySettings settings, String name) {
        this.settings = settings;
        this.name = name;
        this.leadsTo = settings.reachableOver(name);
    }

    String name() {
        return name;
    }

    // ---- replicas ------------------------------------------------------------------------------------------------

    void wire(Wiring.Downstream wiring) {
        filter = new TypeFilter(wiring.types());
        wired = Math.max(1, wiring.replicas());
        grow(wired);
        for (int i = 0; i < wired && i < wiring.minGenerations().size(); i++) {
            outboxes[i].minGeneration(wiring.minGenerations().get(i));
        }
        boolean[] wanted = new boolean[outboxes.length];
        int left = 0;
        for (int replica = 0; replica < wanted.length; replica++) {
            wanted[replica] = replica >= wired || wiring.out().contains(replica);
            left += wanted[replica] ? 0 : 1;
        }
        if (left > 0 && !Arrays.equals(wanted, out)) {
            place(wanted, left);
        }
    }

    private void grow(int replicas) {
        int known = outboxes.length;
        if (replicas > known) {
            outboxes = Arrays.copyOf(outboxes, replicas);
            out = Arrays.copyOf(out, replicas);
            for (int replica = known; replica < replicas; replica++) {
                outboxes[replica] = new Outbox(settings, name, replica, pins);
                // Until it is placed, so that it counts as one that comes in.
                out[replica] = true;
            }
        }
    }

    /** Takes over who is out. With nobody left all stays as it is, and waits. */
    private void place(boolean[] wanted, int left) {
        boolean[] before = out;
        out = wanted;
        active = left;
        pins.clear();
        for (int replica = 0; replica < outboxes.length; replica++) {
            if (!out[replica]) {
                outboxes[replica].pinKeys(this);
            }
        }
        for (int replica = 0; replica < outboxes.length; replica++) {
            if (out[replica] && !before[replica]) {
                outboxes[replica].moveAll(this);
            }
        }
    }

    /** Where events of this order key go, by its hash, once nothing holds it elsewhere. */
    int home(int hash) {
        return OrderKeys.place(hash, out);
    }

    private int emptiest() {
        int best = -1;
        for (int replica = 0; replica < outboxes.length; replica++) {
            if (!out[replica] && (best < 0 || outboxes[replica].unsettled() < outboxes[best].unsettled())) {
                best = replica;
            }
        }
        return best;
    }

    boolean hasRoom() {
        if (outboxes.length == 1) {
            return outboxes[0].hasRoom();
        }
        long events = 0;
        long bytes = 0;
        for (Outbox outbox : outboxes) {
            if (!outbox.hasSpan()) {
                return false;
            }
            events += outbox.unsettled();
            bytes += outbox.unsettledBytes();
        }
        DeliverySettings.Limits limits = settings.limits();
        return events < (long) limits.windowEvents() * active && bytes < limits.windowBytes() * active;
    }

    // ---- events --------------------------------------------------------------------------------------------------

    boolean accepts(Records records, int index) {
        return ((records.flags[index] & Records.INJECTED) == 0 || leadsToTarget(records, index))
                && filter.accepts(records, index);
    }

    private boolean leadsToTarget(Records records, int index) {
        return leadsToAny(InjectionTarget.of(records.buffers[index], records.offsets[index], records.lengths[index]));
    }

    /** Whether one of these components can be reached over this edge. */
    boolean leadsToAny(Set<String> targets) {
        return !Collections.disjoint(leadsTo, targets);
    }

    void append(Records records, int index, InputLedger owner, long entry) {
        for (int i = 0; i < observers.size(); i++) {
            observers.get(i).offer(records, index);
        }
        if (outboxes.length == 1) {
            outboxes[0].append(records, index, owner, entry);
        } else {
            place(records, index, owner, entry);
        }
    }

    void place(Records records, int index, InputLedger owner, long entry) {
        int length = records.keyLengths[index];
        int replica;
        if (length == 0) {
            replica = emptiest();
        } else {
            int hash = OrderKeys.hash(records.keyBuffers[index], records.keyOffsets[index], length);
            int pinned = pins.added(hash);
            replica = pinned < 0 ? home(hash) : pinned;
        }
        outboxes[replica].append(records, index, owner, entry);
    }

    SubscriberCall subscribe(Open open, SubscriberLink link) {
        if (open.observe()) {
            Observer observer = new Observer(settings, link);
            observers.add(observer);
            return observer;
        }
        if (open.replica() < 0 || open.replica() >= wired || out[open.replica()]) {
            link.refused(
                    Refusal.NOT_WIRED,
                    "edge '" + name + "' is wired for " + wired + " replicas, of which " + active
                            + " take events; replica " + open.replica()
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

    /** What was made from these entries is not wanted any more, where nobody has started it. */
    void recall(InputLedger ledger, long first, long last) {
        for (Outbox outbox : outboxes) {
            outbox.recall(ledger, first, last);
        }
    }

    long unsettled() {
        long unsettled = 0;
        for (Outbox outbox : outboxes) {
            unsettled += outbox.unsettled();
        }
        return unsettled;
    }

    /** How much is remembered for this edge. */
    long remembered() {
        long remembered = pins.size() + observers.size();
        for (Outbox outbox : outboxes) {
            remembered += outbox.remembered();
        }
        return remembered;
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
