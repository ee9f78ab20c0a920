// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.Checkpoint;
import io.fiso.sdk.SettledPosition;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Keeps the settled positions of a source whose outside system keeps none, on a thread of its own. */
final class Checkpoints implements Checkpoint, AutoCloseable {
    private static final long INTERVAL_MILLIS = 100;

    private final CheckpointFile file;
    private final Handover handover;
    private final Consumer<Map<String, SettledPosition>> kept;
    private final Consumer<IOException> failed;
    private final Thread writer;
    private volatile boolean closing;

    /**
     * @param kept told what is on disk
     * @param failed told when it cannot be kept
     */
    Checkpoints(
            CheckpointFile file,
            Handover handover,
            Consumer<Map<String, SettledPosition>> kept,
            Consumer<IOException> failed) {
        this.file = file;
        this.handover = handover;
        this.kept = kept;
        this.failed = failed;
        this.writer = Thread.ofVirtual().name("fiso-checkpoint").start(this::run);
    }

    @Override
    public long position(String partition, long otherwise) {
        handover.takeUp(partition, file.ledger(partition));
        return file.position(partition, otherwise);
    }

    private void run() {
        try {
            while (true) {
                Map<String, SettledPosition> moved = handover.awaitSettled();
                file.write(moved);
                kept.accept(moved);
                TimeUnit.MILLISECONDS.sleep(handover.isStopping() ? 1 : INTERVAL_MILLIS);
            }
        } catch (InterruptedException e) {
            // The process ends.
        } catch (IOException e) {
            // The end of the process breaks a write off; what it would have kept is read again.
            if (!closing) {
                failed.accept(e);
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        writer.interrupt();
        writer.join(1_000);
    }
}
