// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The events of one edge for one subscriber replica: numbered densely, kept until settled, sent as credit allows, and sent again after a
 * reconnect.
 */
final class Outbox {
    private static final int BATCH_EVENTS_MAX = 1024;
    /** Flag in the ring only: the emitter wants it back. */
    private static final int RECALLED = 1 << 30;

    private final DeliverySettings settings;
    private final DeliverySettings.Limits limits;
    private final String edge;
    private final int replica;
    private final KeyPins pins;
    private RecordRing ring = new RecordRing();
    private @Nullable InputLedger[] owners = new InputLedger[16];
    private long[] entries = new long[16];
    private final Records scratch = new Records();
    private final FateCounts counts = new FateCounts();

    private long epoch;
    private long base = 1;
    private long next = 1;
    private long unsettled;
    private long unsettledBytes;
    private long events;
    private long bytes;
    private long resent;

    private long minGeneration;
    private long generation;
    private String instance = "";
    private @Nullable Call call;
    private long sentUpTo;
    private long sentUnsettled;
    private long creditEvents;
    private long creditBytes;
    private long sentOnCallEvents;
    private long sentOnCallBytes;
    private boolean endSent;

    Outbox(DeliverySettings settings, String edge, int replica, KeyPins pins) {
        this.settings = settings;
        this.limits = settings.limits();
        this.edge = edge;
        this.replica = replica;
        this.pins = pins;
    }

    // ---- taking events -------------------------------------------------------------------------------------------

    /** Whether another event may be made for this subscriber. */
    boolean hasRoom() {
        return unsettled < limits.windowEvents() && unsettledBytes < limits.windowBytes() && hasSpan();
    }

    boolean hasSpan() {
        return next - base < limits.maxEdgeSpan();
    }

    void append(Records from, int index, InputLedger owner, long entry) {
        if (next - base == ring.capacity()) {
            ring.grow(base, next);
            @Nullable InputLedger[] grown = new InputLedger[owners.length * 2];
            Rings.copy(owners, grown, base, next);
            owners = grown;
            entries = Rings.grown(entries, base, next);
        }
        ring.set(next, from, index);
        int slot = ring.slot(next);
        owners[slot] = owner;
        entries[slot] = entry;
        int length = from.lengths[index];
        next++;
        unsettled++;
        unsettledBytes += length;
        events++;
        bytes += length;
        endSent = false;
    }

    // ---- subscribing ---------------------------------------------------------------------------------------------

    void minGeneration(long lowest) {
        if (lowest > minGeneration) {
            minGeneration = lowest;
            Call current = call;
            if (current != null && generation < lowest) {
                call = null;
                current.link.close();
            }
        }
    }

    SubscriberCall subscribe(Open open, SubscriberLink link) {
        Call opened = new Call(link);
        if (open.generation() < Math.max(generation, minGeneration)) {
            link.refused(
                    Refusal.STALE_GENERATION,
                    "generation " + open.generation() + " of '" + open.subscriber() + "' has been replaced by "
                            + Math.max(generation, minGeneration) + "; this instance must exit");
            return opened;
        }
        Call current = call;
        boolean sameInstance = open.instance().equals(instance);
        if (current != null && open.generation() == generation && !sameInstance) {
            link.refused(
                    Refusal.DUPLICATE,
                    "instance '" + instance + "' of the same generation " + generation + " already subscribes to '"
                            + edge + "'; stop one of the two");
            return opened;
        }
        if (current != null) {
            call = null;
            current.link.close();
        }
        boolean continues = sameInstance && continues(open.resume());
        if (continues) {
            goOnAfter(Objects.requireNonNull(open.resume()).receivedUpTo());
        } else {
            renumber();
        }
        generation = open.generation();
        instance = open.instance();
        call = opened;
        creditEvents = 0;
        creditBytes = 0;
        sentOnCallEvents = 0;
        sentOnCallBytes = 0;
        endSent = false;
        sentUnsettled = 0;
        for (long sequence = base; sequence <= sentUpTo; sequence++) {
            if (owners[ring.slot(sequence)] != null) {
                sentUnsettled++;
            }
        }
        link.accepted(new Accepted(settings.generation(), epoch, continues, sentUpTo + 1, limits.maxEventBytes()));
        recallAgain();
        return opened;
    }

    /** What was sent beyond this did not arrive: it is sent again, except for what was taken back meanwhile. */
    private void goOnAfter(long receivedUpTo) {
        for (long sequence = receivedUpTo + 1; sequence <= sentUpTo; sequence++) {
            ring.flags[ring.slot(sequence)] |= Records.RESENT;
        }
        sentUpTo = receivedUpTo;
        dropRecalled(receivedUpTo + 1);
    }

    private boolean continues(Open.@Nullable Resume resume) {
        return resume != null
                && resume.emitterGeneration() == settings.generation()
                && resume.epoch() == epoch
                && resume.receivedUpTo() >= base - 1
                && resume.receivedUpTo() <= sentUpTo;
    }

    /** Numbers what is unsettled from 1, for a subscriber that knows none of the old numbers. */
    private void renumber() {
        RecordRing oldRing = ring;
        @Nullable InputLedger[] oldOwners = owners;
        long[] oldEntries = entries;
        long oldBase = base;
        long oldNext = next;
        long oldEvents = events;
        long oldBytes = bytes;
        ring = new RecordRing();
        owners = new InputLedger[16];
        entries = new long[16];
        base = 1;
        next = 1;
        unsettled = 0;
        unsettledBytes = 0;
        for (long sequence = oldBase; sequence < oldNext; sequence++) {
            int slot = oldRing.slot(sequence);
            InputLedger owner = oldOwners[slot];
            if (owner == null) {
                continue;
            }
            if ((oldRing.flags[slot] & RECALLED) != 0) {
                unpin(oldRing, slot);
                oldEvents--;
                oldBytes -= oldRing.lengths[slot];
                owner.outputSettled(oldEntries[slot], Fate.FILTERED, null);
                continue;
            }
            scratch.clear();
            oldRing.copyTo(scratch, sequence, 0);
            int resentFlag = (sequence <= sentUpTo ? Records.RESENT : 0) | scratch.flags[0];
            append(scratch, 0, owner, oldEntries[slot]);
            ring.flags[ring.slot(next - 1)] |= resentFlag;
        }
        scratch.clear();
        events = oldEvents;
        bytes = oldBytes;
        epoch++;
        sentUpTo = 0;
    }

    /** One call; ignored once it has been replaced. */
    private final class Call implements SubscriberCall {
        private final SubscriberLink link;

        Call(SubscriberLink link) {
            this.link = link;
        }

        @Override
        public void credit(long eventsInAll, long bytesInAll) {
            if (call == this) {
                creditEvents = Math.max(creditEvents, eventsInAll);
                creditBytes = Math.max(creditBytes, bytesInAll);
            }
        }

        @Override
        public void settle(Settlement settlement) {
            if (call == this) {
                Outbox.this.settle(settlement);
            }
        }

        @Override
        public void closed() {
            if (call == this) {
                call = null;
            }
        }
    }

    // ---- settling ------------------------------------------------------------------------------------------------

    private void settle(Settlement settlement) {
        requireSent(settlement.upTo());
        for (Settlement.Failed failed : settlement.failures()) {
            requireSent(failed.sequence());
            settleOne(failed.sequence(), Fate.FAILED, failed.failure());
        }
        for (int range = 0; range < settlement.ranges(); range++) {
            requireSent(settlement.last(range));
            long last = settlement.last(range);
            Fate fate = settlement.fate(range);
            for (long sequence = Math.max(base, settlement.first(range)); sequence <= last; sequence++) {
                settleOne(sequence, fate, null);
            }
        }
        for (long sequence = base; sequence <= settlement.upTo(); sequence++) {
            settleOne(sequence, Fate.DELIVERED, null);
        }
        while (base < next && owners[ring.slot(base)] == null) {
            base++;
        }
    }

    private void requireSent(long sequence) {
        if (sequence > sentUpTo) {
            throw new ProtocolException("'" + edge + "' replica " + replica + " settled sequence " + sequence
                    + ", but only " + sentUpTo + " were sent; the subscriber's numbers are wrong, it must open again");
        }
    }

    /** What is taken back, or handed to another place, is settled nowhere here: it leaves the sums, which stay equal to settled and unsettled. */
    private void uncount(int length) {
        events--;
        bytes -= length;
    }

    private void settleOne(long sequence, Fate fate, @Nullable Failure failure) {
        if (sequence < base) {
            return;
        }
        int slot = ring.slot(sequence);
        InputLedger owner = owners[slot];
        if (owner == null) {
            return;
        }
        leave(slot);
        if (sequence <= sentUpTo) {
            sentUnsettled--;
        }
        ring.release(sequence);
        if (owner.retired()) {
            uncount(ring.lengths[slot]);
        } else {
            counts.add(fate);
        }
        owner.outputSettled(entries[slot], fate, failure);
    }

    /** The event in this slot is no longer unsettled here. */
    private void leave(int slot) {
        owners[slot] = null;
        unsettled--;
        unsettledBytes -= ring.lengths[slot];
        unpin(ring, slot);
    }

    private void unpin(RecordRing of, int slot) {
        if (pins.any() && of.keyLengths[slot] > 0) {
            pins.left(OrderKeys.hash(of.keyBuffers[slot], of.keyOffsets[slot], of.keyLengths[slot]), replica);
        }
    }

    // ---- sending -------------------------------------------------------------------------------------------------

    /** Sends what is ready and covered by credit. Returns true if events are held back for want of credit. */
    boolean send() {
        Call current = call;
        if (current == null) {
            return unsettled > 0;
        }
        while (sentUpTo + 1 < next) {
            long first = sentUpTo + 1;
            long size = fill(first);
            if (scratch.size() == 0) {
                return true;
            }
            int count = scratch.size();
            sentOnCallEvents += count;
            sentOnCallBytes += size;
            sentUnsettled += count;
            sentUpTo += count;
            current.link.batch(first, scratch, base - 1);
            scratch.clear();
        }
        return false;
    }

    private long fill(long first) {
        long size = 0;
        for (long sequence = first; sequence < next && scratch.size() < BATCH_EVENTS_MAX; sequence++) {
            int length = ring.lengths[ring.slot(sequence)];
            int count = scratch.size();
            if (sentOnCallEvents + count >= creditEvents || (count > 0 && size + length > limits.maxBatchBytes())) {
                break;
            }
            boolean alone = count == 0 && sentUnsettled == 0;
            if (!alone && sentOnCallBytes + size + length > creditBytes) {
                break;
            }
            ring.copyTo(scratch, sequence, 0);
            if ((scratch.flags[count] & Records.RESENT) != 0) {
                resent++;
            }
            size += length;
        }
        return size;
    }

    void sendEnd() {
        Call current = call;
        if (current != null && !endSent && sentUpTo + 1 == next) {
            endSent = true;
            current.link.endOfStream(next - 1);
        }
    }

    // ---- taking back ---------------------------------------------------------------------------------------------

    /** Forgets what was made from these entries and not sent; asks the subscriber to give back what was. */
    void recall(InputLedger ledger, long firstEntry, long lastEntry) {
        boolean unsent = false;
        for (long sequence = Math.max(base, sentUpTo + 1); sequence < next; sequence++) {
            unsent |= wantBack(sequence, ledger, firstEntry, lastEntry);
        }
        if (unsent) {
            dropRecalled(sentUpTo + 1);
        }
        // The last first: whatever the subscriber starts meanwhile, or never hears of, nothing overtakes an earlier
        // event.
        long last = 0;
        for (long sequence = sentUpTo; sequence >= base; sequence--) {
            last = recallRun(last, sequence, wantBack(sequence, ledger, firstEntry, lastEntry));
        }
        recallRun(last, base - 1, false);
    }

    private boolean wantBack(long sequence, InputLedger ledger, long firstEntry, long lastEntry) {
        int slot = ring.slot(sequence);
        if (owners[slot] != ledger
                || entries[slot] < firstEntry
                || entries[slot] > lastEntry
                || (ring.flags[slot] & RECALLED) != 0) {
            return false;
        }
        ring.flags[slot] |= RECALLED;
        return true;
    }

    /** Asks for everything back that is wanted back, since this subscriber may not have heard of it. */
    private void recallAgain() {
        long last = 0;
        for (long sequence = sentUpTo; sequence >= base; sequence--) {
            int slot = ring.slot(sequence);
            last = recallRun(last, sequence, owners[slot] != null && (ring.flags[slot] & RECALLED) != 0);
        }
        recallRun(last, base - 1, false);
    }

    /** Goes down by one sequence; sends the run of recalled ones above when it ends here. Returns the last of the run, 0 for none. */
    private long recallRun(long last, long sequence, boolean recalled) {
        if (recalled) {
            return last == 0 ? sequence : last;
        }
        Call current = call;
        if (last != 0 && current != null) {
            current.link.recall(sequence + 1, last);
        }
        return 0;
    }

    /** Drops what is wanted back from here on, which no subscriber has, and closes the gaps. */
    private void dropRecalled(long first) {
        long kept = Math.max(base, first);
        for (long sequence = kept; sequence < next; sequence++) {
            int slot = ring.slot(sequence);
            InputLedger owner = owners[slot];
            if (owner != null && (ring.flags[slot] & RECALLED) != 0) {
                leave(slot);
                uncount(ring.lengths[slot]);
                owner.outputSettled(entries[slot], Fate.FILTERED, null);
            } else {
                moveTo(sequence, kept);
                kept++;
            }
        }
        clearFrom(kept);
        next = kept;
    }

    private void moveTo(long from, long to) {
        if (from != to) {
            ring.move(from, to);
            owners[ring.slot(to)] = owners[ring.slot(from)];
            entries[ring.slot(to)] = entries[ring.slot(from)];
        }
    }

    private void clearFrom(long first) {
        for (long sequence = first; sequence < next; sequence++) {
            ring.release(sequence);
            owners[ring.slot(sequence)] = null;
        }
    }

    // ---- changing places -----------------------------------------------------------------------------------------

    /** Holds the keys of unsettled events here that are at home elsewhere. */
    void pinKeys(Edge edge) {
        for (long sequence = base; sequence < next; sequence++) {
            int slot = ring.slot(sequence);
            if (owners[slot] != null && ring.keyLengths[slot] > 0) {
                int hash = OrderKeys.hash(ring.keyBuffers[slot], ring.keyOffsets[slot], ring.keyLengths[slot]);
                if (edge.home(hash) != replica) {
                    pins.pin(hash, replica);
                }
            }
        }
    }

    /** This replica is out: hands every unsettled event to another place, in order, and listens to this one no more. */
    void moveAll(Edge target) {
        Call current = call;
        call = null;
        instance = "";
        if (current != null) {
            current.link.close();
        }
        for (long sequence = base; sequence < next; sequence++) {
            int slot = ring.slot(sequence);
            InputLedger owner = owners[slot];
            if (owner == null) {
                continue;
            }
            uncount(ring.lengths[slot]);
            if ((ring.flags[slot] & RECALLED) != 0) {
                owner.outputSettled(entries[slot], Fate.FILTERED, null);
                continue;
            }
            scratch.clear();
            ring.copyTo(scratch, sequence, sequence <= sentUpTo ? Records.RESENT : 0);
            target.place(scratch, 0, owner, entries[slot]);
        }
        scratch.clear();
        clearFrom(base);
        base = next;
        sentUpTo = next - 1;
        unsettled = 0;
        unsettledBytes = 0;
    }

    long unsettled() {
        return unsettled;
    }

    /** How many sequences it remembers. */
    long remembered() {
        return next - base;
    }

    long events() {
        return events;
    }

    long unsettledBytes() {
        return unsettledBytes;
    }

    Progress.Edge progress() {
        return new Progress.Edge(edge, replica, events, bytes, unsettled, counts.copy(), call != null, endSent, resent);
    }
}
