// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/** The events that may not be given up and hold their keys, for status: which it was first, and why. */
final class HeldEvents {
    private static final int SHOWN_MAX = 200;

    private final Map<Object, String> reasons = new LinkedHashMap<>();

    void hold(Object event, String key, Failure failure) {
        String message = failure.message();
        String shown = message.length() > SHOWN_MAX ? message.substring(0, SHOWN_MAX) + "..." : message;
        reasons.put(
                event,
                (key.isEmpty() ? "" : "key '" + key + "' is held: ")
                        + (failure.eventId().isEmpty() ? "an event" : "event '" + failure.eventId() + "'")
                        + " failed "
                        + (failure.attempts() == 1 ? "once" : failure.attempts() + " times") + " with "
                        + failure.code() + " (" + shown + ") and may not be given up");
    }

    void release(Object event) {
        if (!reasons.isEmpty()) {
            reasons.remove(event);
        }
    }

    void releaseIf(Predicate<Object> condition) {
        reasons.keySet().removeIf(condition);
    }

    /** Empty if none is held. */
    String text() {
        Iterator<String> first = reasons.values().iterator();
        if (!first.hasNext()) {
            return "";
        }
        return first.next() + (reasons.size() == 1 ? "" : "; so are " + (reasons.size() - 1) + " more");
    }
}
