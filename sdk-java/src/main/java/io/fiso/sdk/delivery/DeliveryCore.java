// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

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
 * </ol>
 */
public final class DeliveryCore {
    public DeliveryCore(DeliverySettings settings, Work work, Effects effects, RandomGenerator random) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Applies a wiring if it is newer than the last. */
    public void wire(Wiring wiring) {}

    /** A subscriber dialled in. The answer goes to {@code link} at once. */
    public SubscriberCall subscribe(Open open, SubscriberLink link) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Does what can be done now, within a bound. Returns true if there is more to do at once. */
    public boolean turn() {
        return false;
    }

    /** Source: the partition of this name, new or known. */
    public SourcePartition partition(String name) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Source: whether an event of this partition may be emitted now. */
    public boolean ready(SourcePartition partition) {
        return false;
    }

    /** Source: takes an event. Call it only when {@link #ready}; positions must grow. */
    public void emit(
            SourcePartition partition,
            long position,
            byte[] buffer,
            int offset,
            int length,
            byte[] orderKey,
            @Nullable Object attachment) {}

    /** Source: takes a record that is no event, and goes to the dead letters at its place. */
    public void emitFailed(SourcePartition partition, long position, Failure failure, @Nullable Object attachment) {}

    /** Source: forgets a partition that is no longer this source's. */
    public void release(SourcePartition partition) {}

    /** Source: the input has ended. */
    public void sourceEnded() {}

    /** Source: the positions that may be committed, of partitions where that moved since the last call. */
    public void settledPositions(PositionSink sink) {}

    /** Source: this position is durably committed outside. */
    public void committed(SourcePartition partition, long position) {}

    /** Takes the position to commit: the one after the last of the settled prefix. */
    @FunctionalInterface
    public interface PositionSink {
        void settled(SourcePartition partition, long nextPosition);
    }

    /** User code took the event; {@code outputs} are a processor's, empty or null for none. */
    public void succeeded(Task task, @Nullable Records outputs) {}

    /** The attempt failed. */
    public void failed(Task task, Exception reason) {}

    /** The batch is through; {@code reason} fails every event of it that was not reported yet, null if the call returned. */
    public void batchDone(BatchTask batch, @Nullable Exception reason) {}

    /** All letters handed out last are durable. */
    public void deadLettersWritten() {}

    /** None of the letters handed out last is safe; they are handed out again later. */
    public void deadLettersRefused(String reason) {}

    /** Takes an event as if it had arrived; answered with {@link Effects#injected}. One at a time per order key keeps their order. */
    public void inject(
            Object token, byte[] buffer, int offset, int length, byte[] keyBuffer, int keyOffset, int keyLength) {}

    /** Takes in nothing new; what is in flight settles. */
    public void drain() {}

    /** All inputs have ended and everything is settled. */
    public boolean done() {
        return false;
    }

    /** Received or accepted, and not settled. */
    public long unsettled() {
        return 0;
    }

    /** A picture of how far this component has come. */
    public Progress progress() {
        throw new UnsupportedOperationException("not yet");
    }
}
