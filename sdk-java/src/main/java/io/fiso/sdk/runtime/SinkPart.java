// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.Parallelism;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.Work;
import io.fiso.sdk.event.WireEvent;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs a sink that takes one event at a time. */
final class SinkPart implements Part {
    private static final int DEFAULT_PARALLELISM = 16;

    private final EventSink sink;
    private final ComponentSettings settings;
    private final CoreThread thread;
    private final PhaseTimer timer;
    private final Consumer<Throwable> failures;
    private @Nullable Attempts attempts;

    SinkPart(
            EventSink sink,
            ComponentSettings settings,
            CoreThread thread,
            PhaseTimer timer,
            Consumer<Throwable> failures) {
        this.sink = sink;
        this.settings = settings;
        this.thread = thread;
        this.timer = timer;
        this.failures = failures;
    }

    @Override
    public ComponentKind kind() {
        return ComponentKind.COMPONENT_KIND_SINK;
    }

    @Override
    public void open(ContextView context) throws Exception {
        sink.open(context);
    }

    @Override
    public Work work() {
        return new Work.Lanes(parallelism(), !"none".equals(settings.ordering()), true);
    }

    @Override
    public void started(DeliveryCore core) {
        attempts = new Attempts(
                thread, core, parallelism(), settings.limits().callTimeout(), timer, failures, this::deliver);
    }

    @Override
    public void start(Task task) {
        Objects.requireNonNull(attempts, "attempts").submit(task);
    }

    @Override
    public void close() throws Exception {
        if (attempts != null) {
            attempts.close();
        }
        sink.close();
    }

    private int parallelism() {
        return settings.parallelism()
                .filter(wanted -> !wanted.isAdaptive())
                .map(Parallelism::most)
                .orElse(DEFAULT_PARALLELISM);
    }

    private @Nullable Records deliver(WireEvent event, Task task) throws Exception {
        try {
            sink.deliver(event);
            return null;
        } catch (DeliveryException e) {
            throw settings.retry().classify(e);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            throw DeliveryException.unknown("SINK_DELIVERY_FAILED", ProcessorPart.reason(e), e);
        }
    }
}
