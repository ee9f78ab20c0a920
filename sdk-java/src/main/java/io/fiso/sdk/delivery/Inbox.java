// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What arrives from one replica of one upstream: checks the numbers, grants credit, reports settlements, and dials again. */
final class Inbox {
    private static final long RECONNECT_FIRST_NANOS = Duration.ofMillis(20).toNanos();
    private static final long RECONNECT_LAST_NANOS = Duration.ofSeconds(2).toNanos();

    private final DeliveryCore core;
    private final DeliverySettings settings;
    private final DeliverySettings.Limits limits;
    private final String edge;
    private final int replica;
    private final FateCounts counts = new FateCounts();
    private Wiring.Upstream upstream;
    private EdgeLedger ledger;
    final Arrivals arrivals = new Arrivals();

    private @Nullable Call call;
    private @Nullable UpstreamLink link;
    private boolean open;
    private long dialAtNanos;
    private long backoffNanos = RECONNECT_FIRST_NANOS;
    private long emitterGeneration;
    private long fencedUpTo = Long.MIN_VALUE;
    private long epoch;
    private long callEvents;
    private long callBytes;
    private long grantedEvents;
    private long grantedBytes;
    private boolean ended;
    private boolean out;
    private long events;
    private long bytes;
    private long resent;

    Inbox(DeliveryCore core, DeliverySettings settings, Wiring.Upstream upstream) {
        this.core = core;
        this.settings = settings;
        this.limits = settings.limits();
        this.upstream = upstream;
        this.edge = upstream.edge();
        this.replica = upstream.replica();
        this.ledger = new EdgeLedger(counts);
    }

    String edge() {
        return edge;
    }

    int replica() {
        return replica;
    }

    boolean is(Wiring.Upstream other) {
        return edge.equals(other.edge()) && replica == other.replica();
    }

    EdgeLedger ledger() {
        return ledger;
    }

    boolean ended() {
        return ended;
    }

    boolean out() {
        return out;
    }

    FateCounts counts() {
        return counts;
    }

    long events() {
        return events;
    }

    long resent() {
        return resent;
    }

    // ---- the call ------------------------------------------------------------------------------------------------

    void wire(Wiring.Upstream newer) {
        boolean moved = !newer.equals(upstream);
        upstream = newer;
        if (moved) {
            hangUp();
            dialAtNanos = 0;
            backoffNanos = RECONNECT_FIRST_NANOS;
        }
    }

    /**
     * Whether this emitter is out: dead for sure, and what it had is with the others. Then what came from it and was not started is not
     * wanted any more, and nothing more is taken from it.
     */
    void out(boolean isOut) {
        if (isOut && !out) {
            fencedUpTo = Math.max(upstream.generation(), emitterGeneration);
            hangUp();
            forgetAll();
        }
        out = isOut;
    }

    /** Whether whoever is known at the address may be dialled: not what was out, even after its place is in again. */
    private boolean dialable() {
        return call == null && !out && upstream.generation() > fencedUpTo;
    }

    void dial(long now, double chance) {
        if (!dialable() || now < dialAtNanos) {
            return;
        }
        dialAtNanos = now + (long) (backoffNanos * (0.8 + 0.4 * chance));
        backoffNanos = Math.min(backoffNanos * 2, RECONNECT_LAST_NANOS);
        Call dialled = new Call();
        call = dialled;
        Open.Resume resume = emitterGeneration == 0
                ? null
                : new Open.Resume(emitterGeneration, epoch, ledger.next() - 1, ledger.settledUpTo());
        link = core.effects()
                .dial(
                        upstream,
                        new Open(
                                settings.run(),
                                edge,
                                settings.component(),
                                settings.replica(),
                                settings.instance(),
                                settings.generation(),
                                false,
                                resume),
                        dialled);
    }

    /** When to dial again; {@link Long#MAX_VALUE} while a call stands. */
    long dialAtNanos() {
        return dialable() ? dialAtNanos : Long.MAX_VALUE;
    }

    private void hangUp() {
        UpstreamLink current = link;
        call = null;
        link = null;
        open = false;
        if (current != null) {
            current.close();
        }
    }

    private void breakOff(String problem) {
        hangUp();
        throw new ProtocolException(
                "'" + edge + "' replica " + replica + ": " + problem + "; the call is opened again");
    }

    /** Credit and settlements that are due, as one message each. */
    void report(Settlement message, boolean draining) {
        UpstreamLink current = link;
        if (!open || current == null) {
            return;
        }
        if (ledger.hasReport()) {
            ledger.report(current, message);
        }
        if (draining || ledger.islands() > Settlement.RANGES_MAX) {
            return;
        }
        long span = ledger.next() - 1 - ledger.settledUpTo();
        long eventsMore = Math.min(limits.windowEvents() - ledger.unsettled(), limits.maxEdgeSpan() - span);
        long eventsInAll = callEvents + Math.max(0, eventsMore);
        long bytesInAll = callBytes + Math.max(0, limits.windowBytes() - ledger.unsettledBytes());
        // The last event goes out as soon as it may, the rest in steps of an eighth: a message per event would cost
        // more than it brings.
        boolean worthIt = eventsInAll - grantedEvents >= Math.max(1, limits.windowEvents() / 8)
                || bytesInAll - grantedBytes >= Math.max(1, limits.windowBytes() / 8)
                || ledger.unsettled() == 0;
        if (worthIt && (eventsInAll > grantedEvents || bytesInAll > grantedBytes)) {
            grantedEvents = Math.max(grantedEvents, eventsInAll);
            grantedBytes = Math.max(grantedBytes, bytesInAll);
            current.credit(grantedEvents, grantedBytes);
        }
    }

    private void startAnew(Accepted accepted) {
        forgetAll();
        emitterGeneration = accepted.emitterGeneration();
        epoch = accepted.epoch();
    }

    private void forgetAll() {
        ledger.retire();
        arrivals.clear();
        core.discard(ledger);
        ledger = new EdgeLedger(counts);
        ended = false;
    }

    /** One call; ignored once it has been replaced. */
    private final class Call implements UpstreamCall {
        @Override
        public void accepted(Accepted accepted) {
            if (call != this) {
                return;
            }
            if (accepted.emitterGeneration() < Math.max(emitterGeneration, upstream.generation())
                    || accepted.emitterGeneration() <= fencedUpTo) {
                hangUp();
                return;
            }
            if (!accepted.continues()) {
                startAnew(accepted);
            }
            boolean known = accepted.emitterGeneration() == emitterGeneration && accepted.epoch() == epoch;
            if (!known || accepted.nextSequence() != ledger.next()) {
                breakOff("the emitter goes on at sequence " + accepted.nextSequence() + " of epoch " + accepted.epoch()
                        + ", expected " + ledger.next() + " of epoch " + epoch);
            }
            open = true;
            backoffNanos = RECONNECT_FIRST_NANOS;
            callEvents = 0;
            callBytes = 0;
            grantedEvents = 0;
            grantedBytes = 0;
            ledger.reportAgain();
        }

        @Override
        public void refused(Refusal reason, String message) {
            if (call != this) {
                return;
            }
            hangUp();
            if (reason == Refusal.STALE_GENERATION) {
                core.effects().fenced(message);
            }
        }

        @Override
        public void batch(long firstSequence, Records records, long settledUpTo) {
            if (call != this) {
                return;
            }
            if (!open || firstSequence != ledger.next()) {
                breakOff("a batch starts at sequence " + firstSequence + ", expected " + ledger.next());
            }
            ended = false;
            int count = records.size();
            for (int i = 0; i < count; i++) {
                int length = records.lengths[i];
                callBytes += length;
                bytes += length;
                resent += records.flags[i] & Records.RESENT;
                long sequence = ledger.received(length);
                core.arrived(Inbox.this, sequence, records, i);
            }
            callEvents += count;
            events += count;
            ledger.emitterKnows(settledUpTo);
        }

        @Override
        public void recall(long first, long last) {
            if (call != this) {
                return;
            }
            for (long sequence = Math.max(first, ledger.base());
                    sequence <= last && sequence < ledger.next();
                    sequence++) {
                if (!ledger.started(sequence)) {
                    ledger.decide(sequence, Fate.FILTERED, null);
                } else {
                    ledger.recall(sequence);
                }
            }
            // What was made from the started ones may still wait further down.
            core.recall(ledger, first, last);
        }

        @Override
        public void endOfStream(long lastSequence) {
            if (call != this) {
                return;
            }
            if (!open || lastSequence != ledger.next() - 1) {
                breakOff("the stream ends at sequence " + lastSequence + ", but " + (ledger.next() - 1) + " arrived");
            }
            ended = true;
        }

        @Override
        public void closed() {
            if (call == this) {
                call = null;
                link = null;
                open = false;
            }
        }
    }

    Progress.Edge progress() {
        return new Progress.Edge(edge, replica, events, bytes, ledger.unsettled(), counts.copy(), open, ended, resent);
    }
}
