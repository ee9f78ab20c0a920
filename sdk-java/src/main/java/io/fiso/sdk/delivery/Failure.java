// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

/**
 * Why a component gave up on an event.
 *
 * @param code a stable error code, or an HTTP status
 * @param message what went wrong, for people; no payload in it
 * @param attempts how many attempts were made, the first included
 * @param component the component that gave up
 * @param eventId the event's id as that component saw it; empty if unknown
 */
public record Failure(String code, String message, int attempts, String component, String eventId) {}
