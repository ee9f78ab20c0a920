// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.Parallelism;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.RefusedEventException;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.Work;
import io.fiso.sdk.event.WireEvent;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a processor and a sink that takes one event at a time have in common: the author's code runs around single events, several at once. */
abstract class LanePart implements Part {
    final ComponentSettings settings;
    final PhaseTimer timer;
    private final CoreThread thread;
    private final Consumer<Throwable> failures;
    private @Nullable Attempts attempts;
    private @Nullable DataCheck check;

    LanePart(ComponentSettings settings, CoreThread thread, PhaseTimer timer, Consumer<Throwable> failures) {
        this.settings = settings;
        this.thread = thread;
        this.timer = timer;
        this.failures = failures;
    }

    /** The author's code around one event. */
    abstract @Nullable Records attempt(WireEvent event, Task task) throws Exception;

    /** Opens the author's code. */
    abstract void openComponent(ContextView context) throws Exception;

    /** Closes the author's code. */
    abstract void closeComponent() throws Exception;

    @Override
    public final void open(ContextView context) throws Exception {
        check = DataCheck.of(settings);
        openComponent(context);
    }

    /** Throws if the event's data is not what the pipeline wants it to be. */
    final void checkData(WireEvent event) throws RefusedEventException {
        DataCheck asked = check;
        if (asked != null) {
            DeliveryException refusal = asked.refusal(event).orElse(null);
            if (refusal != null) {
                throw new RefusedEventException(refusal);
            }
        }
    }

    final Work.Lanes lanes(Parallelism parallelism, boolean sink) {
        return new Work.Lanes(parallelism, !"none".equals(settings.ordering()), sink);
    }

    @Override
    public final void started(DeliveryCore core) {
        if (work() instanceof Work.Lanes) {
            attempts = new Attempts(thread, core, settings.limits().callTimeout(), timer, failures, this::attempt);
        }
    }

    @Override
    public final void start(Task task) {
        Objects.requireNonNull(attempts, "attempts").submit(task);
    }

    @Override
    public final void close() throws Exception {
        if (attempts != null) {
            attempts.close();
        }
        closeComponent();
    }

    /** What an exception says, for people. */
    static String reason(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }
}
