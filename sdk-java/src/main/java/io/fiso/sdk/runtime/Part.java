// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.delivery.BatchTask;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.FailedEvent;
import io.fiso.sdk.delivery.Progress;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.Work;
import io.fiso.sdk.event.WireEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What of a component's process depends on its kind. */
interface Part extends AutoCloseable {
    ComponentKind kind();

    /** Opens the author's code. */
    void open(ContextView context) throws Exception;

    /** How the core shall hand out work. */
    Work work();

    /** The core stands; called on the core thread. */
    void started(DeliveryCore core);

    /** The first wiring is in force; called on the core thread. */
    default void wired() {}

    /** Called on the core thread before a turn. */
    default void beforeTurn(DeliveryCore core) {}

    /** Called on the core thread after a turn; true asks for another at once. */
    default boolean afterTurn(DeliveryCore core) {
        return false;
    }

    /** Starts an attempt; called on the core thread. */
    default void start(Task task) {
        throw new IllegalStateException("no lanes here");
    }

    /** Hands a batch over; called on the core thread. */
    default void startBatch(BatchTask batch) {
        throw new IllegalStateException("no batches here");
    }

    /** Called on the core thread. */
    default void writeDeadLetters(List<FailedEvent> letters) {
        throw new IllegalStateException("only a source writes dead letters");
    }

    /** Makes the event of a record again; called on any thread. */
    default SourceEvent restore(OriginalRecord original) {
        throw new IllegalStateException("only a source reads records");
    }

    /** Why the event of a record is not taken in, if it is not; called on any thread. */
    default Optional<DeliveryException> refusal(WireEvent restored) {
        return Optional.empty();
    }

    /** Emits nothing more until {@link #resume}; false if this is no source. For any thread. */
    default boolean pause(String reason) {
        return false;
    }

    /** Goes on; false if this is no source. For any thread. */
    default boolean resume() {
        return false;
    }

    /** Ends where the outside ends now; false if this is no source. For any thread. */
    default boolean finish(String mark) {
        return false;
    }

    /** The mark of the first {@link #finish}; empty if there was none. */
    default String finishing() {
        return "";
    }

    /** A stop or drain began. */
    default void stopping() {}

    /** Waits until the author's code takes in nothing more; false if the time was too short. */
    default boolean awaitEnded(long deadlineNanos) throws InterruptedException {
        return true;
    }

    /** Waits until what is settled is durably kept; false if the time was too short. */
    default boolean awaitKept(long deadlineNanos) throws InterruptedException {
        return true;
    }

    /** How many records wait outside, by partition. */
    default Map<String, Long> lags() {
        return Map.of();
    }

    /** What the author's code waits for outside; empty if nothing. */
    default String holding() {
        return "";
    }

    /** The partitions that were given away since this was last asked, each as it stood then; for any thread. */
    default Map<String, Progress.Partition> takeReleased() {
        return Map.of();
    }

    /** How many events were recognised as delivered before. */
    default long deduplicated() {
        return 0;
    }

    /** Closes the author's code. */
    @Override
    void close() throws Exception;
}
