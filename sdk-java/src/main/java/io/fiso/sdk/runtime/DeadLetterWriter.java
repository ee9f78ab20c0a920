// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.DeadLetter;
import io.fiso.sdk.DeadLetterStore;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.FailedEvent;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Writes dead letters on a thread of its own (guarantee D7): what the store will never take goes to a spill file, with its reason. */
final class DeadLetterWriter implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DeadLetterWriter.class.getName());

    /** What a source keeps of an unsettled event that has a raw record. */
    record Kept(@Nullable WireEvent event, OriginalRecord original) {}

    private final DeadLetterStore store;
    private final DeadLetterStore spill;
    private final CoreThread core;
    private final DeliveryCore delivery;
    private final String flow;
    private final Clock clock;
    private final BlockingQueue<List<FailedEvent>> handedOver = new ArrayBlockingQueue<>(1);
    private final Thread thread;

    DeadLetterWriter(
            DeadLetterStore store, Path spillFile, CoreThread core, DeliveryCore delivery, String flow, Clock clock) {
        this.store = store;
        this.spill = new FileDeadLetterStore(spillFile);
        this.core = core;
        this.delivery = delivery;
        this.flow = flow;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("fiso-dead-letters").start(this::run);
    }

    void write(List<FailedEvent> letters) {
        if (!handedOver.offer(letters)) {
            throw new IllegalStateException("dead letters handed over while others are being written");
        }
    }

    @Override
    public void close() throws Exception {
        thread.interrupt();
        try (spill;
                store) {
            thread.join(1_000);
        }
    }

    private void run() {
        try {
            while (true) {
                List<DeadLetter> letters =
                        handedOver.take().stream().map(this::letter).toList();
                String refused = writeAll(letters);
                core.post(() -> {
                    if (refused == null) {
                        delivery.deadLettersWritten();
                    } else {
                        delivery.deadLettersRefused(refused);
                    }
                });
            }
        } catch (InterruptedException e) {
            // The process ends; what was not written is not settled.
        }
    }

    /** Answers null when all are safe, else why not. */
    private @Nullable String writeAll(List<DeadLetter> letters) throws InterruptedException {
        List<DeadLetter> rest = letters;
        try {
            while (!rest.isEmpty()) {
                try {
                    store.write(rest);
                    rest = List.of();
                } catch (DeadLetterStore.TooLargeException e) {
                    spill.write(List.of(rest.get(e.index())));
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "A dead letter was too large for {0} and went to {1}: {2}",
                            store.description(),
                            spill.description(),
                            e.getMessage());
                    rest = rest.subList(e.index() + 1, rest.size());
                }
            }
            return null;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot write dead letters to " + store.description() + "; they are held",
                    e);
            return "dead letters wait for " + store.description() + ": " + ProcessorPart.reason(e);
        }
    }

    private DeadLetter letter(FailedEvent failed) {
        WireEvent event = null;
        OriginalRecord original = null;
        if (failed.attachment() instanceof Kept kept) {
            event = kept.event();
            original = kept.original();
        } else if (failed.attachment() instanceof WireEvent wire) {
            event = wire;
        }
        if (original == null) {
            original = new EncodedEvent(failed.partition(), failed.position(), event);
        }
        return new DeadLetter(
                original,
                event == null ? failed.failure().eventId() : event.getId(),
                correlation(event),
                failed.failure().code(),
                failed.failure().message(),
                failed.failure().attempts(),
                failed.failure().component(),
                clock.instant(),
                flow);
    }

    private static String correlation(@Nullable WireEvent event) {
        String found = event == null ? null : event.string("correlationid");
        return found == null ? "" : found;
    }

    /** The event itself, for sources that read no raw records. */
    private record EncodedEvent(
            String origin, long offset, @Nullable WireEvent event) implements OriginalRecord {
        @Override
        public int partition() {
            return -1;
        }

        @Override
        public long timestampMillis() {
            return -1;
        }

        @Override
        public byte @Nullable [] key() {
            return null;
        }

        @Override
        public byte @Nullable [] value() {
            return event == null ? null : JsonFormat.encode(event);
        }

        @Override
        public List<Header> headers() {
            return List.of();
        }
    }
}
