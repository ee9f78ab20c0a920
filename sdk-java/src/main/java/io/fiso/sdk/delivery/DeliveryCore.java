// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import io.fiso.sdk.DeliveryException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The delivery core of one component: takes what transport, user code and control plane report, and answers with {@link Effects}.
 *
 * <ol>
 *   <li>Single-threaded: every method is called on one thread, the core's. It has no thread, no clock and no chance of its own.
 *   <li>Nothing happens between turns: report what came in (all of it that is there), then call {@link #turn} once; it starts work, sends
 *       batches, settlements and credits. If it returns true, more work is at hand: take in what arrived and call it again.
 *   <li>{@link Effects#wakeAt} asks for a turn later on.
 *   <li>A {@link ProtocolException} out of a call concerns that call only: close it.
 * </ol>
 */
public final class DeliveryCore {
    /** Dead letters given in again and not settled. */
    private static final int INJECTED_MAX = 256;

    /** The call of a subscription that was refused. */
    static final SubscriberCall REFUSED = new SubscriberCall() {
        @Override
        public void credit(long events, long bytes) {}

        @Override
        public void settle(Settlement settlement) {}

        @Override
        public void closed() {}
    };

    private final DeliverySettings settings;
    private final Effects effects;
    private final RandomGenerator random;
    private final Attempts attempts;
    private final boolean source;
    private final @Nullable InlineWork inline;
    private final @Nullable Lanes lanes;
    private final @Nullable Batches batches;
    private final @Nullable Workshop workshop;
    private final List<Inbox> inboxes = new ArrayList<>();
    private final List<Edge> edges = new ArrayList<>();
    /** How many replicas of its emitter must say that an input has ended; 1 if it is not named. */
    private final Map<String, Integer> inputReplicas = new HashMap<>();

    private final Map<String, SourcePartition> partitions = new LinkedHashMap<>();
    private final DeadLetters deadLetters;
    private final Pause pause;
    private final Settlement settlement = new Settlement();
    private final Records staged = new Records();
    private final FateCounts sourceCounts = new FateCounts();

    private long wiringVersion = -1;
    private boolean wired;
    private boolean draining;
    private boolean sourceEnded;
    private long accepted;
    private long emitted;
    private long injecting;
    private final FateCounts injected = new FateCounts();
    private long delivered;
    private long wakeAt = Long.MAX_VALUE;
    private long busyNanos;
    private long blockedNanos;
    private long starvedNanos;
    private long turnEndedNanos;
    private boolean blocked;

    public DeliveryCore(DeliverySettings settings, Work work, Effects effects, RandomGenerator random) {
        this.settings = settings;
        this.effects = effects;
        this.random = random;
        this.deadLetters = new DeadLetters(effects);
        this.source = work instanceof Work.Source;
        this.pause = new Pause(work instanceof Work.Source(var breaker) ? breaker : Optional.empty());
        boolean sink = work instanceof Work.Batches || (work instanceof Work.Lanes l && l.sink());
        this.attempts = new Attempts(settings, effects, random, sink);
        Circuit circuit = new Circuit(settings.retry().maxInterval());
        this.inline = work instanceof Work.Inline(Work.InlineProcessor processor)
                ? new InlineWork(this, processor, attempts)
                : null;
        this.lanes = work instanceof Work.Lanes laneWork ? new Lanes(this, laneWork, attempts, circuit) : null;
        this.batches = work instanceof Work.Batches batchWork ? new Batches(this, batchWork, attempts, circuit) : null;
        this.workshop = lanes != null ? lanes : batches;
        this.turnEndedNanos = effects.nanoTime();
    }

    Effects effects() {
        return effects;
    }

    // ---- neighbours ----------------------------------------------------------------------------------------------

    /** Applies a wiring if it is newer than the last. */
    public void wire(Wiring wiring) {
        if (wiring.version() <= wiringVersion) {
            return;
        }
        wiringVersion = wiring.version();
        wired = true;
        for (Wiring.Input input : wiring.inputs()) {
            int outOfIt = (int)
                    input.out().stream().filter(out -> out < input.replicas()).count();
            inputReplicas.put(input.edge(), input.replicas() - outOfIt);
            for (Inbox inbox : inboxes) {
                if (inbox.edge().equals(input.edge())) {
                    inbox.out(inbox.replica() >= input.replicas() || input.out().contains(inbox.replica()));
                }
            }
        }
        for (Wiring.Upstream upstream : wiring.upstreams()) {
            Inbox known = inbox(upstream);
            if (known == null) {
                inboxes.add(new Inbox(this, settings, upstream));
            } else {
                known.wire(upstream);
            }
        }
        for (Wiring.Downstream downstream : wiring.downstreams()) {
            Edge edge = edge(downstream.edge());
            if (edge == null) {
                edge = new Edge(settings, downstream.edge());
                edges.add(edge);
            }
            edge.wire(downstream);
        }
    }

    private @Nullable Inbox inbox(Wiring.Upstream upstream) {
        for (Inbox inbox : inboxes) {
            if (inbox.is(upstream)) {
                return inbox;
            }
        }
        return null;
    }

    private @Nullable Edge edge(String name) {
        for (Edge edge : edges) {
            if (edge.name().equals(name)) {
                return edge;
            }
        }
        return null;
    }

    /** A subscriber dialled in. The answer goes to {@code link} at once. */
    public SubscriberCall subscribe(Open open, SubscriberLink link) {
        if (!open.run().equals(settings.run())) {
            link.refused(
                    Refusal.WRONG_RUN,
                    "this is run '" + settings.run() + "', the subscriber belongs to run '" + open.run() + "'");
            return REFUSED;
        }
        Edge edge = edge(open.edge());
        if (edge != null) {
            return edge.subscribe(open, link);
        }
        if (wired && !settings.outputs().contains(open.edge())) {
            link.refused(
                    Refusal.UNKNOWN_EDGE,
                    "'" + settings.component() + "' has no edge '" + open.edge() + "'; it has " + settings.outputs());
        } else {
            link.refused(
                    Refusal.NOT_WIRED,
                    "'" + settings.component() + "' has no wiring for '" + open.edge() + "' yet; try again");
        }
        return REFUSED;
    }

    // ---- the turn ------------------------------------------------------------------------------------------------

    /** Does what can be done now, within a bound. Returns true if there is more to do at once. */
    public boolean turn() {
        long began = effects.nanoTime();
        account(began);
        for (int i = 0; i < inboxes.size(); i++) {
            inboxes.get(i).dial(began, random.nextDouble());
        }
        boolean more = false;
        if (wired && workshop != null) {
            workshop.pump(began);
        } else if (wired && inline != null) {
            more = inline.pump(inboxes, began);
        }
        deadLetters.pump(began);
        pause.turn(began);
        for (int i = 0; i < inboxes.size(); i++) {
            inboxes.get(i).report(settlement, draining);
        }
        boolean held = false;
        for (int i = 0; i < edges.size(); i++) {
            held |= edges.get(i).send();
        }
        if (!edges.isEmpty() && done()) {
            for (int i = 0; i < edges.size(); i++) {
                edges.get(i).sendEnd();
            }
        }
        blocked = held;
        turnEndedNanos = effects.nanoTime();
        busyNanos += turnEndedNanos - began;
        if (!more) {
            askToWake();
        }
        return more;
    }

    private void account(long now) {
        long passed = now - turnEndedNanos;
        if (workshop != null && workshop.running() > 0) {
            busyNanos += passed;
        } else if (blocked) {
            blockedNanos += passed;
        } else {
            starvedNanos += passed;
        }
    }

    private void askToWake() {
        long wake = deadLetters.wakeAtNanos();
        for (int i = 0; i < inboxes.size(); i++) {
            wake = Math.min(wake, inboxes.get(i).dialAtNanos());
        }
        if (workshop != null) {
            wake = Math.min(wake, workshop.wakeAtNanos());
        }
        if (inline != null && inline.wakeAtNanos() != Long.MIN_VALUE) {
            wake = Math.min(wake, inline.wakeAtNanos());
        }
        if (wake != wakeAt || wake <= turnEndedNanos) {
            wakeAt = wake;
            if (wake != Long.MAX_VALUE) {
                effects.wakeAt(wake);
            }
        }
    }

    /** Whether another event may be made for every edge. */
    boolean hasRoom() {
        for (int i = 0; i < edges.size(); i++) {
            if (!edges.get(i).hasRoom()) {
                return false;
            }
        }
        return true;
    }

    void arrived(Inbox inbox, long sequence, Records records, int index) {
        if ((records.flags[index] & Records.INJECTED) != 0) {
            injectedArrived(inbox, sequence, records, index);
        } else {
            work(inbox, sequence, records, index);
        }
    }

    /** A dead letter that is given in again: here it is meant for this component, or only on its way through. */
    private void injectedArrived(Inbox inbox, long sequence, Records records, int index) {
        Set<String> targets =
                InjectionTarget.of(records.buffers[index], records.offsets[index], records.lengths[index]);
        if (targets.contains(settings.component())) {
            Records plain = new Records(1);
            InjectionTarget.addPlain(records, index, plain);
            work(inbox, sequence, plain, 0);
        } else if (leadsToAny(targets)) {
            work(inbox, sequence, records, index);
        } else {
            inbox.ledger().decide(sequence, Fate.FILTERED, null);
        }
    }

    private void work(Inbox inbox, long sequence, Records records, int index) {
        if (workshop != null) {
            workshop.add(workshop.take(inbox.ledger(), sequence, records, index));
        } else {
            inbox.arrivals.add(sequence, records, index);
        }
    }

    /** Nobody waits for these events any more. */
    void discard(InputLedger ledger) {
        recall(ledger, 0, Long.MAX_VALUE);
        if (workshop != null) {
            workshop.discard(ledger);
        }
        if (inline != null) {
            inline.discard();
        }
    }

    /** What was made from these events is not wanted any more: gives back what nobody further down has started. */
    void recall(InputLedger ledger, long first, long last) {
        for (int i = 0; i < edges.size(); i++) {
            edges.get(i).recall(ledger, first, last);
        }
    }

    /** User code is through with an event; returns why what it made cannot go out, null if it is on its way. */
    @Nullable
    DeliveryException completed(InputLedger ledger, long entry, boolean atSink, @Nullable Records outputs) {
        if (atSink) {
            delivered++;
            ledger.decide(entry, Fate.DELIVERED, null);
            return null;
        }
        if (ledger.recalled(entry)) {
            // Earlier ones of its key may have been given back further down already: it must not go past them.
            ledger.decide(entry, Fate.FILTERED, null);
            return null;
        }
        return ledger.retired() ? null : emitAll(ledger, entry, outputs);
    }

    private @Nullable DeliveryException emitAll(InputLedger ledger, long entry, @Nullable Records outputs) {
        int size = outputs == null ? 0 : outputs.size();
        for (int i = 0; i < size; i++) {
            int length = Objects.requireNonNull(outputs).lengths[i];
            if (length > settings.limits().maxEventBytes()) {
                return tooLarge(length);
            }
        }
        int made = 0;
        for (int i = 0; i < size; i++) {
            for (int e = 0; e < edges.size(); e++) {
                Edge edge = edges.get(e);
                if (edge.accepts(Objects.requireNonNull(outputs), i)) {
                    edge.append(outputs, i, ledger, entry);
                    made++;
                }
            }
        }
        emitted += made;
        ledger.produced(entry, made);
        return null;
    }

    private DeliveryException tooLarge(int length) {
        return DeliveryException.permanent(
                "EVENT_TOO_LARGE",
                "the event has " + length + " bytes, the limit is "
                        + settings.limits().maxEventBytes());
    }

    // ---- sources -------------------------------------------------------------------------------------------------

    /** Source: the partition of this name, new or known. */
    public SourcePartition partition(String name) {
        SourcePartition known = partitions.get(name);
        if (known == null) {
            known = new SourcePartition(this, name);
            partitions.put(name, known);
        }
        return known;
    }

    /** Source: the partition's totals go on from these, which were committed with the position it is taken up at. Before its first event. */
    public void resumed(SourcePartition partition, FateCounts fates) {
        partition.resumed(fates);
    }

    /** Source: whether an event of this partition may be emitted now. */
    public boolean ready(SourcePartition partition) {
        return takes(partition) && paused().isEmpty();
    }

    /** Source: whether an event of this partition that was read before a pause may be emitted now; the pause is for what is not read yet. */
    public boolean takes(SourcePartition partition) {
        return wired
                && !draining
                && !partition.retired()
                && partition.span() < settings.limits().maxSpan()
                && hasRoom();
    }

    /** Source: emits nothing more until {@link #resume}; what is in flight settles. Idempotent, the last reason holds. */
    public void pause(String reason) {
        pause.pause(reason);
    }

    /** Source: undoes {@link #pause}, and closes the error-rate breaker. */
    public void resume() {
        pause.resume();
    }

    /** Source: why nothing is emitted, for people; empty if it is not paused. */
    public String paused() {
        return pause.reason();
    }

    /** Source: takes an event. Call it only when {@link #takes}; positions must grow. */
    public void emit(
            SourcePartition partition,
            long position,
            byte[] buffer,
            int offset,
            int length,
            byte[] orderKey,
            @Nullable Object attachment) {
        accepted++;
        long entry = partition.accept(position, orderKey, attachment);
        staged.add(buffer, offset, length, orderKey, 0, orderKey.length, 0);
        DeliveryException reason = emitAll(partition, entry, staged);
        staged.clear();
        if (reason != null) {
            giveUp(partition, entry, attempts.failure(reason, 1, buffer, offset, length));
        }
    }

    /** Source: takes a record that is no event, and goes to the dead letters at its place. */
    public void emitFailed(SourcePartition partition, long position, Failure failure, @Nullable Object attachment) {
        emitFailed(partition, position, Records.NO_KEY, failure, attachment);
    }

    /** The same of a record whose order key is known. */
    public void emitFailed(
            SourcePartition partition, long position, byte[] orderKey, Failure failure, @Nullable Object attachment) {
        accepted++;
        long entry = partition.accept(position, orderKey, attachment);
        giveUp(partition, entry, failure);
    }

    private void giveUp(SourcePartition partition, long entry, Failure failure) {
        attempts.giveUp(partition, entry, 0, new HeldEntry(partition, entry), "", failure);
    }

    private record HeldEntry(SourcePartition partition, long entry) {}

    /** Source: forgets a partition that is no longer this source's. */
    public void release(SourcePartition partition) {
        partition.retire();
        attempts.overIf(event -> event instanceof HeldEntry held && held.partition == partition);
        partitions.remove(partition.name(), partition);
        recall(partition, 0, Long.MAX_VALUE);
    }

    /** Source: the input has ended. */
    public void sourceEnded() {
        sourceEnded = true;
    }

    /** Source: the positions that may be committed, of partitions where that moved since the last call. */
    public void settledPositions(PositionSink sink) {
        for (SourcePartition partition : partitions.values()) {
            partition.report(sink);
        }
    }

    /** Source: this position is durably committed outside, with the fates of everything before it. */
    public void committed(SourcePartition partition, long position, FateCounts fates) {
        partition.committed(position, fates);
    }

    /** Takes the position to commit: the one after the last of the settled prefix. */
    @FunctionalInterface
    public interface PositionSink {
        void settled(SourcePartition partition, long nextPosition);
    }

    void deadLetter(SourcePartition partition, long entry) {
        pause.decided(true);
        deadLetters.add(partition, entry);
    }

    void sourceSettled(Fate fate) {
        sourceCounts.add(fate);
        if (fate != Fate.FAILED) {
            pause.decided(false);
        }
    }

    /** All letters handed out last are durable. */
    public void deadLettersWritten() {
        deadLetters.written();
    }

    /** None of the letters handed out last is safe; they are handed out again later. */
    public void deadLettersRefused(String reason) {
        deadLetters.refused(reason, effects.nanoTime());
    }

    // ---- user code -----------------------------------------------------------------------------------------------

    /** User code took the event; {@code outputs} are a processor's, empty or null for none. */
    public void succeeded(Task task, @Nullable Records outputs) {
        Objects.requireNonNull(lanes, "this component has no lanes").succeeded(task, outputs, effects.nanoTime());
    }

    /** The attempt failed. */
    public void failed(Task task, Exception reason) {
        Objects.requireNonNull(lanes, "this component has no lanes").failed(task, reason, effects.nanoTime());
    }

    /** The batch is through; {@code reason} fails every event of it that was not reported yet, null if the call returned. */
    public void batchDone(BatchTask batch, @Nullable Exception reason) {
        Objects.requireNonNull(batches, "this component takes no batches").done(reason, effects.nanoTime());
    }

    /**
     * Takes an event as if it had arrived, behind what is here of its order key; answered with {@link Effects#injected}. It counts apart from all
     * others, and if it fails nobody writes a dead letter: that it failed is the answer. Of a source, an event whose attribute {@value
     * InjectionTarget#ATTRIBUTE} names components takes only the edges that lead to them.
     *
     * @return why it cannot be taken now, for people; empty if it was taken
     */
    public String inject(Object token, byte[] buffer, int offset, int length, byte[] orderKey) {
        String obstacle = injectionObstacle();
        if (!obstacle.isEmpty()) {
            return obstacle;
        }
        injecting++;
        Injected ledger = new Injected(effects, token, this::injectionSettled);
        boolean targeted = source && !InjectionTarget.of(buffer, offset, length).isEmpty();
        staged.add(buffer, offset, length, orderKey, 0, orderKey.length, targeted ? Records.INJECTED : 0);
        if (workshop != null) {
            workshop.add(workshop.take(ledger, 1, staged, 0));
        } else if (inline != null) {
            inline.inject(ledger, staged, inboxes);
        } else {
            DeliveryException reason = emitAll(ledger, 1, staged);
            if (reason != null) {
                ledger.decide(1, Fate.FAILED, attempts.failure(reason, 1, buffer, offset, length));
            }
        }
        staged.clear();
        return "";
    }

    private String injectionObstacle() {
        if (!wired) {
            return "it has no wiring yet";
        }
        if (draining) {
            return "it is draining";
        }
        // Beyond the window: under load that never has room for long.
        return injecting < INJECTED_MAX ? "" : INJECTED_MAX + " of them are unsettled already";
    }

    private void injectionSettled(Fate fate) {
        injecting--;
        injected.add(fate);
    }

    /** Whether one of these components can be reached from here. */
    private boolean leadsToAny(Set<String> targets) {
        for (int i = 0; i < edges.size(); i++) {
            if (edges.get(i).leadsToAny(targets)) {
                return true;
            }
        }
        return false;
    }

    /** Makes the outputs of an injected event injected ones too. */
    void inheritInjection(int flags, byte[] buffer, int offset, int length, @Nullable Records outputs) {
        if ((flags & Records.INJECTED) != 0 && outputs != null) {
            InjectionTarget.inherit(buffer, offset, length, outputs);
        }
    }

    // ---- the end, and the way there ------------------------------------------------------------------------------

    /** Takes in nothing new; what is in flight settles. */
    public void drain() {
        draining = true;
    }

    /** All inputs have ended and everything is settled. */
    public boolean done() {
        if (!wired || unsettled() > 0 || (workshop != null && workshop.running() > 0)) {
            return false;
        }
        return source ? sourceEnded : allInputsEnded();
    }

    private boolean allInputsEnded() {
        for (String input : settings.inputs()) {
            int ended = 0;
            for (Inbox inbox : inboxes) {
                if (inbox.edge().equals(input) && !inbox.out()) {
                    if (!inbox.ended()) {
                        return false;
                    }
                    ended++;
                }
            }
            if (ended < Math.max(1, inputReplicas.getOrDefault(input, 1))) {
                return false;
            }
        }
        return true;
    }

    /** Received or accepted, and not settled. */
    public long unsettled() {
        long unsettled = injecting;
        for (int i = 0; i < inboxes.size(); i++) {
            unsettled += inboxes.get(i).ledger().unsettled();
        }
        if (source) {
            for (SourcePartition partition : partitions.values()) {
                unsettled += partition.unsettled();
            }
        }
        return unsettled;
    }

    /** How much this core remembers: events, lanes and letters, in all its queues, tables and ledgers. It must not grow with time. */
    public long remembered() {
        long remembered = injecting + deadLetters.remembered() + partitions.size();
        for (Inbox inbox : inboxes) {
            remembered += inbox.ledger().remembered() + inbox.arrivals.size();
        }
        for (Edge edge : edges) {
            remembered += edge.remembered();
        }
        for (SourcePartition partition : partitions.values()) {
            remembered += partition.remembered();
        }
        return remembered + (workshop == null ? 0 : workshop.remembered());
    }

    /** A picture of how far this component has come. */
    public Progress progress() {
        List<Progress.Edge> inputs = new ArrayList<>();
        List<Progress.Edge> outputs = new ArrayList<>();
        List<Progress.Partition> positions = new ArrayList<>();
        FateCounts settled = sourceCounts.copy();
        long in = accepted;
        long redelivered = 0;
        for (Inbox inbox : inboxes) {
            inputs.add(inbox.progress());
            in += inbox.events();
            redelivered += inbox.resent();
            for (Fate fate : Fate.values()) {
                settled.add(fate.ordinal(), inbox.counts().of(fate));
            }
        }
        for (Edge edge : edges) {
            edge.progress(outputs);
        }
        for (SourcePartition partition : partitions.values()) {
            positions.add(partition.progress());
        }
        return new Progress(
                in,
                delivered + emitted,
                settled,
                unsettled(),
                inputs,
                outputs,
                attempts.retries(),
                deadLetters.writtenInAll(),
                busyNanos,
                blockedNanos,
                starvedNanos,
                workWaiting(),
                holding(),
                positions,
                redelivered,
                attempts.failedInAll(),
                attempts.gaveUp(),
                injected.copy(),
                paused());
    }

    /** Whether there is work that this component itself could do: what is unsettled further down is no concern of its own. */
    private boolean workWaiting() {
        if (workshop != null) {
            return workshop.hasReady() || workshop.running() > 0;
        }
        return inline != null && hasRoom() && inboxes.stream().anyMatch(inbox -> !inbox.arrivals.isEmpty());
    }

    private String holding() {
        String held = deadLetters.holding();
        if (held.isEmpty() && workshop != null) {
            held = workshop.holding();
        }
        return held.isEmpty() ? attempts.holding() : held;
    }
}
