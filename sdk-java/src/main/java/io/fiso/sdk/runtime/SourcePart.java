// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.broker.client.DeadLetterStream;
import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.sdk.Checkpoint;
import io.fiso.sdk.DeadLetterStore;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.ErrorRate;
import io.fiso.sdk.delivery.FailedEvent;
import io.fiso.sdk.delivery.Progress;
import io.fiso.sdk.delivery.Work;
import io.fiso.sdk.event.WireEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs a source: what it emits goes over the {@link Handover} to the core, what failed to the dead letters. */
final class SourcePart implements Part {
    private final EventSource source;
    private final ComponentEnvironment environment;
    private final ComponentSettings settings;
    private final CoreThread thread;
    private final Clock clock;
    private final FailureListener failures;
    private final Handover handover;

    private volatile boolean stopping;
    private volatile String finishing = "";
    private @Nullable Checkpoints checkpoints;
    private @Nullable DeadLetterStore store;
    private volatile @Nullable DeadLetterWriter writer;
    private @Nullable DeliveryCore core;
    private volatile @Nullable SourceView view;
    private volatile @Nullable DataCheck check;
    private @Nullable Thread runner;
    /** Why it was paused before there was a core; of the core thread. */
    private @Nullable String pausedBefore;

    /** Told when the author's code failed. */
    interface FailureListener {
        void failed(Throwable reason);
    }

    SourcePart(
            EventSource source,
            ComponentEnvironment environment,
            ComponentSettings settings,
            CoreThread thread,
            Clock clock,
            FailureListener failures) {
        this.source = source;
        this.environment = environment;
        this.settings = settings;
        this.thread = thread;
        this.clock = clock;
        this.failures = failures;
        this.handover = new Handover(environment.run(), environment.component(), thread);
    }

    @Override
    public ComponentKind kind() {
        return ComponentKind.COMPONENT_KIND_SOURCE;
    }

    @Override
    public void open(ContextView context) throws Exception {
        check = DataCheck.of(settings);
        SourceView opened = new SourceView(context, handover, settings.limits().maxEventBytes(), check, new Behind());
        view = opened;
        source.open(opened);
    }

    @Override
    public Work work() {
        return new Work.Source(settings.breaker()
                .map(breaker -> new ErrorRate(breaker.errorRate(), breaker.minEvents(), breaker.window())));
    }

    @Override
    public void started(DeliveryCore delivery) {
        core = delivery;
        if (pausedBefore != null) {
            delivery.pause(pausedBefore);
        }
        Path letters = environment
                .stateDirectory()
                .toAbsolutePath()
                .resolve("../../dead-letters")
                .normalize();
        DeadLetterStore chosen = store;
        if (chosen == null) {
            chosen = defaultStore(letters);
        }
        writer = new DeadLetterWriter(
                chosen,
                letters.resolve(environment.component() + "-too-large.jsonl"),
                thread,
                delivery,
                environment.pipeline(),
                environment.component(),
                clock);
    }

    private DeadLetterStore defaultStore(Path letters) {
        SourceView opened = Objects.requireNonNull(view, "view");
        return new DefaultDeadLetterStore(
                new BrokerDeadLetterStore(
                        DeadLetterStream.of(environment.pipeline(), settings.deadLetterTopic()),
                        opened::broker,
                        letters),
                new FileDeadLetterStore(letters.resolve(environment.component() + ".jsonl")));
    }

    @Override
    public void wired() {
        // A platform thread: waking a virtual one costs a hop over its scheduler, at every batch.
        runner = Thread.ofPlatform().daemon().name("fiso-source").start(this::runSource);
    }

    private void runSource() {
        try {
            source.run(Objects.requireNonNull(view, "view"));
            handover.inputEnded();
        } catch (InterruptedException e) {
            if (!stopping) {
                failures.failed(e);
            }
        } catch (Throwable reason) {
            failures.failed(reason);
        }
    }

    @Override
    public void writeDeadLetters(List<FailedEvent> letters) {
        Objects.requireNonNull(writer, "writer").write(letters);
    }

    @Override
    public SourceEvent restore(OriginalRecord original) {
        return source.restore(original);
    }

    @Override
    public Optional<DeliveryException> refusal(WireEvent restored) {
        DataCheck asked = check;
        return asked == null ? Optional.empty() : asked.refusal(restored);
    }

    @Override
    public void beforeTurn(DeliveryCore delivery) {
        handover.beforeTurn(delivery);
    }

    @Override
    public boolean afterTurn(DeliveryCore delivery) {
        return handover.afterTurn(delivery);
    }

    @Override
    public boolean pause(String reason) {
        thread.post(() -> {
            pausedBefore = reason;
            if (core != null) {
                core.pause(reason);
            }
        });
        return true;
    }

    @Override
    public boolean resume() {
        thread.post(() -> {
            pausedBefore = null;
            if (core != null) {
                core.resume();
            }
        });
        return true;
    }

    @Override
    public synchronized boolean finish(String mark) {
        // An end that was looked up stays the end of this instance.
        if (finishing.isEmpty()) {
            finishing = mark;
        }
        return true;
    }

    @Override
    public String finishing() {
        return finishing;
    }

    @Override
    public void stopping() {
        stopping = true;
        handover.stopping();
    }

    @Override
    public boolean awaitEnded(long deadlineNanos) throws InterruptedException {
        Thread running = runner;
        if (running != null && !running.join(Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime())))) {
            running.interrupt();
            running.join(500);
            return false;
        }
        return true;
    }

    @Override
    public boolean awaitKept(long deadlineNanos) throws InterruptedException {
        return checkpoints == null || handover.awaitAllTaken(deadlineNanos);
    }

    @Override
    public Map<String, Long> lags() {
        SourceView opened = view;
        return opened == null ? Map.of() : opened.lags();
    }

    @Override
    public String holding() {
        DeadLetterWriter writing = writer;
        String waiting = writing == null ? "" : writing.waiting();
        if (!waiting.isEmpty()) {
            return waiting;
        }
        SourceView opened = view;
        return opened == null ? "" : opened.holding();
    }

    @Override
    public void close() throws Exception {
        stopping();
        Thread running = runner;
        if (running != null) {
            running.interrupt();
            running.join(1_000);
        }
        if (checkpoints != null) {
            checkpoints.close();
        }
        if (writer != null) {
            writer.close();
        }
        source.close();
    }

    @Override
    public Map<String, Progress.Partition> takeReleased() {
        return handover.takeReleased();
    }

    private void committed(Map<String, SettledPosition> positions) {
        handover.committed(positions);
        thread.post(() -> {
            if (core != null) {
                handover.noteCommitted(core);
            }
        });
    }

    private final class Behind implements SourceView.Behind {
        @Override
        public Checkpoint checkpoint() {
            Checkpoints open = checkpoints;
            if (open == null) {
                try {
                    open = new Checkpoints(
                            new CheckpointFile(environment.stateDirectory()),
                            handover,
                            SourcePart.this::committed,
                            this::notKept);
                } catch (IOException e) {
                    throw new UncheckedIOException(e.getMessage(), e);
                }
                checkpoints = open;
            }
            return open;
        }

        private void notKept(IOException reason) {
            failures.failed(new UncheckedIOException(
                    "cannot write the checkpoint of '" + environment.component() + "'", reason));
        }

        @Override
        public boolean keepsCheckpoints() {
            return checkpoints != null;
        }

        @Override
        public void deadLetters(DeadLetterStore chosen) {
            if (core != null) {
                throw new IllegalStateException("set the dead letter store in open()");
            }
            store = chosen;
        }

        @Override
        public void committed(Map<String, SettledPosition> positions) {
            SourcePart.this.committed(positions);
        }

        @Override
        public boolean finishing() {
            return !finishing.isEmpty();
        }

        @Override
        public boolean stopping() {
            return stopping;
        }
    }
}
