// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.cloudevents.CloudEvent;
import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.delivery.BatchTask;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.Work;
import io.fiso.sdk.event.WireEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs a sink that takes batches, on a thread of its own. */
final class BatchSinkPart implements Part {
    private static final int BATCH_EVENTS_MAX = 1_024;

    private final BatchEventSink sink;
    private final ComponentSettings settings;
    private final CallWatch watch;
    private final CallWatch.Call call;
    private final CoreThread thread;
    private final PhaseTimer timer;
    private final BlockingQueue<BatchTask> handedOver = new ArrayBlockingQueue<>(1);
    private final List<CloudEvent> events = new ArrayList<>();
    private @Nullable Thread deliverer;
    private @Nullable DeliveredEvents delivered;
    private @Nullable DataCheck check;

    BatchSinkPart(
            BatchEventSink sink,
            ComponentSettings settings,
            CoreThread thread,
            PhaseTimer timer,
            Consumer<Throwable> failures) {
        this.sink = sink;
        this.settings = settings;
        this.watch = new CallWatch(settings.limits().callTimeout(), failures);
        this.call = watch.calls();
        this.thread = thread;
        this.timer = timer;
    }

    @Override
    public ComponentKind kind() {
        return ComponentKind.COMPONENT_KIND_SINK;
    }

    @Override
    public void open(ContextView context) throws Exception {
        check = DataCheck.of(settings);
        delivered = DeliveredEvents.open(context, settings);
        sink.open(context);
    }

    @Override
    public Work work() {
        return new Work.Batches(BATCH_EVENTS_MAX);
    }

    @Override
    public void started(DeliveryCore core) {
        deliverer = Thread.ofPlatform().daemon().name("fiso-sink").start(() -> deliverAll(core));
    }

    @Override
    public void startBatch(BatchTask batch) {
        if (!handedOver.offer(batch)) {
            throw new IllegalStateException("a second batch while one is out");
        }
    }

    @Override
    public void close() throws Exception {
        watch.close();
        Thread running = deliverer;
        if (running != null) {
            running.interrupt();
            running.join(1_000);
        }
        try (DeliveredEvents memory = delivered) {
            sink.close();
        }
    }

    @Override
    public long deduplicated() {
        DeliveredEvents memory = delivered;
        return memory == null ? 0 : memory.repeats();
    }

    private void deliverAll(DeliveryCore core) {
        try {
            while (true) {
                BatchTask batch = handedOver.take();
                Exception reason = deliver(batch);
                thread.post(() -> core.batchDone(batch, reason));
            }
        } catch (InterruptedException e) {
            // The process ends.
        }
    }

    private @Nullable Exception deliver(BatchTask batch) {
        Selection selection = new Selection(batch.size(), delivered);
        BatchRefusals refusals = check == null ? null : new BatchRefusals(check, batch);
        events.clear();
        for (int index = 0; index < batch.size(); index++) {
            Task task = batch.event(index);
            WireEvent event = WireEvent.of(task.buffer(), task.offset(), task.length());
            if ((refusals == null || refusals.take(index, event)) && selection.take(index, event)) {
                events.add(event);
            }
        }
        long begin = System.nanoTime();
        call.begin(begin);
        Exception reason = deliverEvents(batch, selection);
        boolean timedOut = call.end();
        timer.observe(System.nanoTime() - begin);
        return timedOut && reason != null ? watch.timedOut() : reason;
    }

    private @Nullable Exception deliverEvents(BatchTask batch, Selection selection) {
        try {
            Reported reported = new Reported(batch, selection, settings.retry());
            if (!events.isEmpty()) {
                sink.deliver(Collections.unmodifiableList(events), reported);
            }
            selection.settled(batch);
            return null;
        } catch (DeliveryException e) {
            return settings.retry().classify(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return DeliveryException.transientFailure("INTERRUPTED", "the process ended during the call");
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            return DeliveryException.unknown("SINK_DELIVERY_FAILED", LanePart.reason(e), e);
        }
    }

    private record Reported(BatchTask batch, Selection selection, ComponentSettings.Retry retry)
            implements BatchEventSink.Outcome {
        @Override
        public void failed(int index, DeliveryException reason) {
            int place = selection.place(index);
            DeliveryException classified = retry.classify(Objects.requireNonNull(reason, "reason"));
            selection.failed(place, classified);
            batch.failed(place, classified);
        }

        @Override
        public byte[] orderKey(int index) {
            Task event = batch.event(selection.place(index));
            return Arrays.copyOfRange(event.keyBuffer(), event.keyOffset(), event.keyOffset() + event.keyLength());
        }
    }
}
