// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.ArrayList;
import java.util.List;

/**
 * Why a component gave up on an event.
 *
 * @param code a stable error code, or an HTTP status
 * @param message what went wrong, for people; no payload in it
 * @param attempts how many attempts were made, the first included
 * @param component the component that gave up; several, separated by commas, if the event failed on several paths
 * @param eventId the event's id as that component saw it; empty if unknown
 */
public record Failure(String code, String message, int attempts, String component, String eventId) {
    private static final String SEPARATOR = ",";

    /** This failure and that of another component, as one: the first one's code, both messages, and both components' ids separated by a comma. */
    Failure and(Failure other) {
        List<String> components = new ArrayList<>(List.of(component.split(SEPARATOR, -1)));
        boolean known = true;
        for (String another : other.component.split(SEPARATOR, -1)) {
            if (!components.contains(another)) {
                components.add(another);
                known = false;
            }
        }
        return known
                ? this
                : new Failure(
                        code,
                        message + "; " + other.component + ": " + other.message,
                        Math.max(attempts, other.attempts),
                        String.join(SEPARATOR, components),
                        eventId);
    }
}
