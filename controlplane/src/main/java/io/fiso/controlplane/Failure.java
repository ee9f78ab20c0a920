// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.time.Instant;

/**
 * Something that went wrong in a run.
 *
 * @param component where; empty if in no component
 * @param code a stable dotted code
 * @param message what happened and what to do
 * @param at when
 */
record Failure(String component, String code, String message, Instant at) {}
