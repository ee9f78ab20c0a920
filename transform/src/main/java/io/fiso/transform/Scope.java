// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import io.fiso.transform.json.LimitExceeded;
import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelVariableResolver;
import io.fiso.transform.json.Digits;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The variables of one event, and the clock that its expressions share. */
final class Scope implements CelVariableResolver {
    /** The clock is read once in so many steps. */
    private static final int STEPS_PER_LOOK = 256;

    final Digits digits = new Digits();
    private final EventView event;
    private final Object data;
    private final Limits limits;
    private final long deadlineNanos;
    private @Nullable Object time;
    private int steps;

    Scope(EventView event, JsonFormat json, NeededPaths needed, Limits limits) throws TransformException {
        this.event = event;
        this.limits = limits;
        this.deadlineNanos = System.nanoTime() + limits.timeout().toNanos();
        this.data = json.read(event.data(), needed, digits);
    }

    Object data() {
        return data;
    }

    /** The attribute as the event carries it; {@code time} as text. */
    @Nullable
    Object attribute(String name) {
        return switch (name) {
            case "data" -> data;
            case "id" -> event.id();
            case "type" -> event.type();
            case "source" -> event.source();
            case "subject" -> event.subject();
            case "time" -> event.time();
            case "correlationid" -> event.correlationId();
            case "ext" -> event.extensions();
            default -> null;
        };
    }

    @Override
    public Optional<Object> find(String name) {
        if (!CelLanguage.VARIABLES.contains(name)) {
            return Optional.empty();
        }
        var value = name.equals("time") ? time() : attribute(name);
        return Optional.of(value == null ? NullValue.NULL_VALUE : value);
    }

    private Object time() {
        var known = time;
        if (known == null) {
            known = parseTime(event.time());
            time = known;
        }
        return known;
    }

    private static Object parseTime(@Nullable String text) {
        if (text == null) {
            return NullValue.NULL_VALUE;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return text;
        }
    }

    /** Called for every step of an expression that loops. */
    void step() {
        if (++steps % STEPS_PER_LOOK == 0) {
            checkTime();
        }
    }

    void checkTime() {
        if (System.nanoTime() - deadlineNanos > 0) {
            throw new LimitExceeded(
                    "the expressions took longer than " + limits.timeout().toMillis() + " ms");
        }
    }
}
