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
import io.fiso.sdk.message.EventReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Writes dead letters on a thread of its own (guarantee D7): what the store will never take goes to a spill file, with its reason. */
final class DeadLetterWriter implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DeadLetterWriter.class.getName());

    /** So long is waiting for the store nothing to speak of. */
    private static final Duration UNREMARKABLE = Duration.ofSeconds(2);
    /** Twice what a store may block; one that blocks for longer hangs, and waiting for it is no excuse any more. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long NOT_WRITING = Long.MIN_VALUE;

    /** What a source keeps of an unsettled event that has a raw record. */
    record Kept(@Nullable WireEvent event, OriginalRecord original) {}

    private final DeadLetterStore store;
    private final DeadLetterStore spill;
    private final Path spillFile;
    private final CoreThread core;
    private final DeliveryCore delivery;
    private final String flow;
    private final String source;
    private final Clock clock;
    private final BlockingQueue<List<FailedEvent>> handedOver = new ArrayBlockingQueue<>(1);
    private final Thread thread;
    private volatile long writingSince = NOT_WRITING;

    DeadLetterWriter(
            DeadLetterStore store,
            Path spillFile,
            CoreThread core,
            DeliveryCore delivery,
            String flow,
            String source,
            Clock clock) {
        this.store = store;
        this.spillFile = spillFile;
        this.spill = new FileDeadLetterStore(spillFile);
        this.core = core;
        this.delivery = delivery;
        this.flow = flow;
        this.source = source;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("fiso-dead-letters").start(this::run);
    }

    void write(List<FailedEvent> letters) {
        if (!handedOver.offer(letters)) {
            throw new IllegalStateException("dead letters handed over while others are being written");
        }
    }

    /** What is waited for, if a write takes remarkably long: a store that is there and mute says nothing for as long as its own time-outs are. */
    String waiting() {
        long since = writingSince;
        if (since == NOT_WRITING) {
            return "";
        }
        Duration waited = Duration.ofNanos(System.nanoTime() - since);
        return waited.compareTo(UNREMARKABLE) < 0 || waited.compareTo(PATIENCE) > 0
                ? ""
                : "dead letters wait for " + store.description() + ", which has not answered for " + waited.toSeconds()
                        + " s";
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
                writingSince = System.nanoTime();
                String refused = writeAll(letters);
                writingSince = NOT_WRITING;
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
                    rest = spilled(rest, e);
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
            return "dead letters wait for " + store.description() + ": " + LanePart.reason(e);
        }
    }

    /** Puts the letter that was refused for good into the spill file, and a pointer in its place; answers what is still to be written. */
    private List<DeadLetter> spilled(List<DeadLetter> letters, DeadLetterStore.TooLargeException refusal)
            throws Exception {
        DeadLetter large = letters.get(refusal.index());
        List<DeadLetter> rest = new ArrayList<>(letters.subList(refusal.index() + 1, letters.size()));
        if (!(large.original() instanceof Pointer)) {
            spill.write(List.of(large));
            LOG.log(
                    System.Logger.Level.WARNING,
                    "A dead letter was too large for {0} and went to {1}: {2}",
                    store.description(),
                    spill.description(),
                    refusal.getMessage());
            rest.addFirst(large.of(new Pointer(large.original(), spillFile.toString())));
        }
        return rest;
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
            original = new EncodedEvent(failed.partition(), failed.position(), event, failed.orderKey());
        }
        return new DeadLetter(
                original,
                event == null ? failed.failure().eventId() : event.getId(),
                correlation(event, original),
                failed.failure().code(),
                failed.failure().message(),
                failed.failure().attempts(),
                failed.failure().component(),
                clock.instant(),
                flow,
                source);
    }

    /** What never became an event has only what its own headers say. */
    private static String correlation(@Nullable WireEvent event, OriginalRecord original) {
        return Optional.ofNullable(event)
                .map(known -> known.string("correlationid"))
                .or(() -> EventReader.correlationId(original.headers()))
                .orElse("");
    }

    /** Stands in the store for a letter that is in the spill file: where it came from, and the header that names the file. */
    private record Pointer(OriginalRecord spilled, String file) implements OriginalRecord {
        @Override
        public String origin() {
            return spilled.origin();
        }

        @Override
        public int partition() {
            return spilled.partition();
        }

        @Override
        public long offset() {
            return spilled.offset();
        }

        @Override
        public long timestampMillis() {
            return spilled.timestampMillis();
        }

        @Override
        public byte @Nullable [] key() {
            return null;
        }

        @Override
        public byte @Nullable [] value() {
            return null;
        }

        @Override
        public List<Header> headers() {
            return List.of(new Header("fiso-spill-file", file.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** The event itself, for sources that read no raw records. */
    private record EncodedEvent(
            String origin, long offset, @Nullable WireEvent event, byte[] orderKey) implements OriginalRecord {
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
            return orderKey.length == 0 ? null : orderKey;
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
