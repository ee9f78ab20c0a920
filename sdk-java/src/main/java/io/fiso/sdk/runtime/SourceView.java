// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.Checkpoint;
import io.fiso.sdk.DeadLetterStore;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.event.WireEvent;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What a source sees of its pipeline. */
final class SourceView extends ContextView implements SourceContext {
    /** What stands behind it beside the handover. */
    interface Behind {
        Checkpoint checkpoint();

        boolean keepsCheckpoints();

        void deadLetters(DeadLetterStore store);

        void committed(Map<String, SettledPosition> positions);

        boolean finishing();

        boolean stopping();
    }

    private final Handover handover;
    private final Behind behind;
    private final int maxEventBytes;
    private final @Nullable DataCheck check;
    private final Map<String, Long> lags = new ConcurrentHashMap<>();
    private volatile String holding = "";
    private long seenChanges;

    /** @param check what the data of events must pass; null for any */
    SourceView(ContextView view, Handover handover, int maxEventBytes, @Nullable DataCheck check, Behind behind) {
        super(view);
        this.handover = handover;
        this.maxEventBytes = maxEventBytes;
        this.check = check;
        this.behind = behind;
    }

    Map<String, Long> lags() {
        return lags;
    }

    String holding() {
        return holding;
    }

    @Override
    public void emit(SourceEvent event) throws InterruptedException {
        WireEvent wire = null;
        SourceEvent checked = event;
        if (event.failure().isEmpty() && event.event() != null) {
            wire = WireEvent.from(event.event());
            if (wire.size() > maxEventBytes) {
                checked = failed(event, tooLarge(wire));
                wire = null;
            } else if (check != null) {
                // The event stays with it: there may be no record to write its dead letter from.
                checked =
                        check.refusal(wire).map(reason -> failed(event, reason)).orElse(event);
            }
        }
        handover.put(checked, wire);
    }

    private DeliveryException tooLarge(WireEvent wire) {
        return DeliveryException.permanent(
                "EVENT_TOO_LARGE",
                "an event of " + wire.size() + " bytes exceeds the limit of " + maxEventBytes + " bytes");
    }

    private static SourceEvent failed(SourceEvent event, DeliveryException reason) {
        return new SourceEvent(
                event.event(),
                event.partition(),
                event.position(),
                event.orderKey(),
                event.original(),
                Optional.of(reason));
    }

    @Override
    public boolean ready(String partition) {
        return handover.ready(partition);
    }

    @Override
    public void await(Duration timeout) throws InterruptedException {
        seenChanges = handover.awaitChange(seenChanges, timeout.toNanos());
    }

    @Override
    public void resumed(String partition, String ledger) {
        if (!handover.takeUp(partition, ledger)) {
            throw new IllegalStateException(
                    "partition '" + partition + "' is taken up already; release it before it is taken up again");
        }
    }

    @Override
    public Map<String, SettledPosition> settled() {
        return behind.keepsCheckpoints() ? Map.of() : handover.takeSettled();
    }

    @Override
    public void committed(Map<String, SettledPosition> positions) {
        behind.committed(Map.copyOf(positions));
    }

    @Override
    public void release(String partition) {
        lags.remove(partition);
        handover.release(partition);
    }

    @Override
    public Checkpoint checkpoint() {
        return behind.checkpoint();
    }

    @Override
    public void deadLetters(DeadLetterStore store) {
        behind.deadLetters(store);
    }

    @Override
    public void lag(String partition, long records) {
        lags.put(partition, records);
    }

    @Override
    public void holding(String reason) {
        holding = reason;
    }

    @Override
    public boolean finishing() {
        return behind.finishing();
    }

    @Override
    public boolean stopping() {
        return behind.stopping();
    }
}
