// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** A group's members as long as the broker runs. Changed under its lock; may be asked by anyone. */
final class Group {
    final ReentrantLock lock = new ReentrantLock();
    private final String name;
    private final Map<String, Lease> leases = new ConcurrentHashMap<>();
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();
    private volatile Roster roster;
    private volatile boolean gone;

    /** @param timeoutMillis by how much a sign of life moves the end */
    private record Lease(long timeoutMillis, long endMillis) {}

    Group(String name, long generation) {
        this.name = name;
        this.roster = Roster.empty(generation);
    }

    String name() {
        return name;
    }

    Roster roster() {
        return roster;
    }

    boolean gone() {
        return gone;
    }

    /** Nobody finds it any more; whoever has it looks again. */
    void forget() {
        gone = true;
        waiting.forEach(Runnable::run);
    }

    /** Those whose lease has not ended, in the order they came. */
    SequencedSet<String> alive(long nowMillis) {
        SequencedSet<String> alive = new LinkedHashSet<>();
        roster.assigned().keySet().stream()
                .filter(member -> alive(member, nowMillis))
                .forEach(alive::add);
        return alive;
    }

    boolean alive(String member, long nowMillis) {
        Lease lease = leases.get(member);
        return lease != null && nowMillis < lease.endMillis;
    }

    void lease(String member, long timeoutMillis, long nowMillis) {
        leases.put(member, new Lease(timeoutMillis, nowMillis + timeoutMillis));
    }

    void renew(String member, long nowMillis) {
        leases.computeIfPresent(member, (_, lease) -> new Lease(lease.timeoutMillis, nowMillis + lease.timeoutMillis));
    }

    /** The next generation has begun. */
    void become(Roster next) {
        leases.keySet().retainAll(next.assigned().keySet());
        roster = next;
        waiting.forEach(Runnable::run);
    }

    /** @throws BrokerException if the member is none in this generation */
    void requireCurrent(String member, long generation) {
        Roster now = roster;
        if (gone || !now.has(member)) {
            throw unknown(member);
        }
        if (generation != now.generation()) {
            throw stale(member, generation, now.generation());
        }
    }

    BrokerException unknown(String member) {
        return new BrokerException(
                Kind.REFUSED,
                "broker.member_unknown",
                "\"" + member + "\" is no member of the group \"" + name
                        + "\": its lease ended, it left, or the broker was started anew; join again");
    }

    BrokerException stale(String member, long generation, long current) {
        return new BrokerException(
                Kind.REFUSED,
                "broker.generation_stale",
                "\"" + member + "\" comes with generation " + generation + " of the group \"" + name
                        + "\", which is at " + current + "; heartbeat, and go on with what is assigned then");
    }

    void listen(Runnable woken) {
        waiting.add(woken);
    }

    void unlisten(Runnable woken) {
        waiting.remove(woken);
    }
}
