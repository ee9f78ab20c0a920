// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import java.util.List;
import java.util.Optional;

/**
 * Keys in their order, as they were at one moment.
 *
 * @param next where the page after begins; empty if this is the last
 * @param revision the last that could show
 */
public record KeyPage(List<KeyEntry> entries, Optional<String> next, long revision) {}
