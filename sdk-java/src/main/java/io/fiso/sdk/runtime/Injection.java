// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.proto.control.v1.ComponentKind;
import io.fiso.proto.stream.v1.InjectRequest;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.delivery.DeliveryCore;
import io.fiso.sdk.delivery.Failure;
import io.fiso.sdk.delivery.Fate;
import io.fiso.sdk.delivery.InjectionTarget;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.event.MalformedEventException;
import io.fiso.sdk.event.WireEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes a dead letter in again: makes the event of its record, marks whom it is meant for, and hands it to the core. */
final class Injection {
    /** Who asked. Answered exactly once, on any thread. */
    interface Asker {
        void settled(Fate fate, @Nullable Failure failure);

        /** What became of it is decided elsewhere, or not at all: asking again does no harm. */
        void unavailable(String reason);

        /** It makes no sense here, now or later. */
        void refused(String reason);
    }

    private final String component;
    private final ComponentSettings settings;
    private final Part part;
    private final CoreThread thread;

    Injection(String component, ComponentSettings settings, Part part, CoreThread thread) {
        this.component = component;
        this.settings = settings;
        this.part = part;
        this.thread = thread;
    }

    /** @param core the core, asked for on its own thread; null while there is none */
    void take(InjectRequest request, Supplier<@Nullable DeliveryCore> core, Asker asker) {
        boolean source = part.kind() == ComponentKind.COMPONENT_KIND_SOURCE;
        if (source != request.hasOriginal()) {
            asker.refused(
                    source
                            ? "'" + component + "' is a source: it takes the original record, not an event"
                            : "'" + component + "' is no source: it takes an event, not an original record");
        } else if (source) {
            takeOriginal(request, core, asker);
        } else {
            hand(
                    request.getRecord().getEvent().toByteArray(),
                    request.getRecord().getOrderKey().toByteArray(),
                    core,
                    asker);
        }
    }

    private void takeOriginal(InjectRequest request, Supplier<@Nullable DeliveryCore> core, Asker asker) {
        Set<String> targets = InjectionTarget.split(request.getTarget());
        Set<String> unknown = new HashSet<>(targets);
        unknown.remove(component);
        settings.outputs().forEach(output -> unknown.removeAll(reachableOver(output)));
        if (!unknown.isEmpty()) {
            asker.refused("no path leads from '" + component + "' to '" + String.join("', '", unknown) + "'");
            return;
        }
        SourceEvent restored;
        try {
            restored = part.restore(new InjectedRecord(request.getOriginal()));
        } catch (IllegalStateException e) {
            asker.unavailable("'" + component + "' cannot read the record yet: " + e.getMessage());
            return;
        }
        if (restored.failure().isPresent() || restored.event() == null) {
            asker.settled(Fate.FAILED, failure(restored));
            return;
        }
        try {
            WireEvent event = WireEvent.from(restored.event());
            DeliveryException refusal = part.refusal(event).orElse(null);
            if (refusal != null) {
                asker.settled(Fate.FAILED, failure(refusal));
                return;
            }
            // What failed in the source itself went nowhere, so now it goes everywhere.
            boolean everywhere = targets.isEmpty() || targets.contains(component);
            hand(
                    event.with(InjectionTarget.ATTRIBUTE, everywhere ? null : request.getTarget())
                            .toByteArray(),
                    restored.orderKey(),
                    core,
                    asker);
        } catch (MalformedEventException e) {
            asker.settled(
                    Fate.FAILED,
                    new Failure("CLOUDEVENT_WRAP_FAILED", String.valueOf(e.getMessage()), 1, component, ""));
        }
    }

    private static List<String> reachableOver(ComponentSettings.Output output) {
        return output.leadsTo().isEmpty()
                ? List.of(output.edge().substring(output.edge().indexOf("->") + 2))
                : output.leadsTo();
    }

    private Failure failure(SourceEvent restored) {
        DeliveryException reason = restored.failure()
                .orElseGet(() -> DeliveryException.permanent("CLOUDEVENT_WRAP_FAILED", "no event was made of it"));
        return failure(reason);
    }

    private Failure failure(DeliveryException reason) {
        return new Failure(reason.code(), LanePart.reason(reason), 1, component, "");
    }

    private void hand(byte[] event, byte[] orderKey, Supplier<@Nullable DeliveryCore> core, Asker asker) {
        thread.post(() -> {
            DeliveryCore present = core.get();
            String obstacle = present == null
                    ? "it is starting"
                    : present.inject(asker, event, 0, event.length, orderKey.length == 0 ? Records.NO_KEY : orderKey);
            if (!obstacle.isEmpty()) {
                asker.unavailable("'" + component + "' takes no dead letter now: " + obstacle + "; try again");
            }
        });
    }
}
