// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import java.util.List;

/**
 * Changes in order of their revisions.
 *
 * @param revision none of those that were asked for, up to this one, is missing
 */
public record KeyChanges(List<KeyChange> changes, long revision) {}
