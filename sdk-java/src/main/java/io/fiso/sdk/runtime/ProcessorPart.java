// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.delivery.Parallelism;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.Work;
import io.fiso.sdk.event.WireEvent;
import java.util.function.Consumer;

/** Runs a processor: on the core's own thread, or with more parallelism on threads of its own. */
final class ProcessorPart extends LanePart {
    private static final int TIMED_EVERY = 64;

    private final EventProcessor processor;
    private final Outputs inlineOutputs;
    private int untimed;

    ProcessorPart(
            EventProcessor processor,
            ComponentSettings settings,
            CoreThread thread,
            PhaseTimer timer,
            Consumer<Throwable> failures) {
        super(settings, thread, timer, failures);
        this.processor = processor;
        this.inlineOutputs = new Outputs(settings.limits().maxEventBytes());
    }

    @Override
    public ComponentKind kind() {
        return ComponentKind.COMPONENT_KIND_PROCESSOR;
    }

    @Override
    void openComponent(ContextView context) throws Exception {
        processor.open(context);
    }

    @Override
    public Work work() {
        Parallelism parallelism = settings.parallelism().orElse(Parallelism.fixed(1));
        return parallelism.most() == 1 ? new Work.Inline(this::inline) : lanes(parallelism, false);
    }

    @Override
    void closeComponent() throws Exception {
        processor.close();
    }

    private void inline(Records records, int index, Records out) throws Exception {
        WireEvent event = WireEvent.of(records.buffer(index), records.offset(index), records.length(index));
        boolean timed = ++untimed >= TIMED_EVERY;
        long begin = timed ? System.nanoTime() : 0;
        process(
                event,
                records.keyBuffer(index),
                records.keyOffset(index),
                records.keyLength(index),
                inlineOutputs,
                out);
        if (timed) {
            untimed = 0;
            timer.observe(System.nanoTime() - begin);
        }
    }

    @Override
    Records attempt(WireEvent event, Task task) throws Exception {
        Records out = new Records(2);
        process(
                event,
                task.keyBuffer(),
                task.keyOffset(),
                task.keyLength(),
                new Outputs(settings.limits().maxEventBytes()),
                out);
        return out;
    }

    private void process(WireEvent event, byte[] key, int offset, int length, Outputs outputs, Records out)
            throws Exception {
        checkData(event);
        outputs.begin(event, key, offset, length, out);
        try {
            processor.process(event, outputs);
        } catch (DeliveryException e) {
            throw e;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            throw new DeliveryException(
                    DeliveryException.Kind.PERMANENT, "TRANSFORM_FAILED", reason(e), e, java.util.Optional.empty());
        }
        outputs.end();
    }
}
