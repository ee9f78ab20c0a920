// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform;

import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelVariableResolver;
import io.fiso.transform.bounds.Effort;
import io.fiso.transform.compiled.Frame;
import io.fiso.transform.json.Digits;
import io.fiso.transform.json.JsonOutput;
import io.fiso.transform.json.LimitExceeded;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The variables of one event, and the clock that its expressions share. Used for event after event; what not all need is made when it is needed. */
final class Scope implements CelVariableResolver, Frame.Surroundings {
    /** The time as the event carries it, not as an instant. */
    static final String TIME_AS_TEXT = "time as text";

    private final JsonFormat json;
    private final NeededPaths needed;
    private final InstantSource clock;
    private final Digits digits = new Digits();
    private final EventJson eventJson;
    private final Effort effort;
    private @Nullable Instant now;
    private @Nullable EventView event;
    private @Nullable Object data;
    private @Nullable Object time;

    Scope(JsonFormat json, NeededPaths needed, Limits limits, InstantSource clock) {
        this.json = json;
        this.needed = needed;
        this.clock = clock;
        this.effort = new Effort(limits.timeout(), limits.maxBuiltBytes());
        this.eventJson = new EventJson(json, digits, limits.maxOutputBytes(), effort);
    }

    void open(EventView next) {
        event = next;
        effort.open();
    }

    void close() {
        event = null;
        data = null;
        time = null;
        now = null;
        digits.clear();
    }

    private EventView event() {
        return Objects.requireNonNull(event, "closed");
    }

    /** The digits of the event's decimals, interpreted or compiled. */
    Digits digits() {
        return digits;
    }

    /** The payload, as far as it is needed. */
    private Object data() {
        var known = data;
        if (known == null) {
            try {
                known = json.read(event().dataArray(), event().dataOffset(), event().dataLength(), needed, digits);
            } catch (TransformException e) {
                // Thrown through cel-java, which knows no checked exception.
                throw new LimitExceeded(String.valueOf(e.getMessage()));
            }
            data = known;
        }
        return known;
    }

    /** The variable as the event carries it; {@code time} as text. */
    @Nullable
    Object variable(String name) {
        return switch (name) {
            case "data" -> data();
            case "id", OwnFunctions.ID -> event().id();
            case "type" -> event().type();
            case "source", OwnFunctions.SOURCE -> event().source();
            case "subject" -> event().subject();
            case "time", TIME_AS_TEXT -> event().time();
            case "correlationid" -> event().correlationId();
            case "ext" -> event().extensions();
            case OwnFunctions.NOW -> now();
            case EventJson.VARIABLE -> eventJson;
            default -> null;
        };
    }

    /** The clock is read once per event, so that all its expressions agree. */
    private Instant now() {
        var known = now;
        if (known == null) {
            known = clock.instant();
            now = known;
        }
        return known;
    }

    /** Whether the event carries an extension attribute of that name. */
    boolean hasExtension(String name) {
        return event().extensions().containsKey(name);
    }

    /** The names of the event's extension attributes. */
    Set<String> extensionNames() {
        return event().extensions().keySet();
    }

    @Override
    public Optional<Object> find(String name) {
        return CelLanguage.VARIABLES.contains(name) || CelLanguage.HIDDEN.contains(name)
                ? Optional.of(attribute(name))
                : Optional.empty();
    }

    @Override
    public Object attribute(String name) {
        var value = name.equals("time") ? time() : variable(name);
        return value == null ? NullValue.NULL_VALUE : value;
    }

    private Object time() {
        var known = time;
        if (known == null) {
            known = parseTime(event().time());
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

    @Override
    public boolean write(JsonOutput out, @Nullable Object value, Digits written, int depth) {
        try {
            json.write(out, value, written, depth);
            return true;
        } catch (TransformException _) {
            return false;
        }
    }

    /** What the event's expressions may still take. */
    @Override
    public Effort effort() {
        return effort;
    }
}
