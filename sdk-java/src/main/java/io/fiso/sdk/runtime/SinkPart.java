// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.delivery.Parallelism;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.Work;
import io.fiso.sdk.event.WireEvent;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs a sink that takes one event at a time. */
final class SinkPart extends LanePart {
    private final EventSink sink;
    private @Nullable DeliveredEvents delivered;

    SinkPart(
            EventSink sink,
            ComponentSettings settings,
            CoreThread thread,
            PhaseTimer timer,
            Consumer<Throwable> failures) {
        super(settings, thread, timer, failures);
        this.sink = sink;
    }

    @Override
    public ComponentKind kind() {
        return ComponentKind.COMPONENT_KIND_SINK;
    }

    @Override
    void openComponent(ContextView context) throws Exception {
        delivered = DeliveredEvents.open(context, settings);
        sink.open(context);
    }

    @Override
    public Work work() {
        return lanes(settings.parallelism().orElse(Parallelism.ADAPTIVE), true);
    }

    @Override
    void closeComponent() throws Exception {
        try (DeliveredEvents memory = delivered) {
            sink.close();
        }
    }

    @Override
    public long deduplicated() {
        DeliveredEvents memory = delivered;
        return memory == null ? 0 : memory.repeats();
    }

    @Override
    @Nullable
    Records attempt(WireEvent event, Task task) throws Exception {
        checkData(event);
        DeliveredEvents memory = delivered;
        try {
            if (memory == null) {
                sink.deliver(event);
            } else {
                deliverOnce(event, memory);
            }
            return null;
        } catch (DeliveryException e) {
            throw settings.retry().classify(e);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            throw DeliveryException.unknown("SINK_DELIVERY_FAILED", reason(e), e);
        }
    }

    private void deliverOnce(WireEvent event, DeliveredEvents memory) throws Exception {
        EventHash hash = EventHash.of(event);
        if (memory.contains(hash)) {
            memory.recognised(1);
        } else {
            sink.deliver(event);
            memory.delivered(List.of(hash));
        }
    }
}
