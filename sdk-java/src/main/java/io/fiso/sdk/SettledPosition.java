// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import java.util.Objects;

/**
 * A position that may be committed, and what became of everything before it. Commit both together, in one durable step, so that no crash
 * leaves one without the other.
 *
 * @param next the position after the last of the settled prefix
 * @param ledger the fates of everything before {@code next} in this run: a short line of text, at most 256 characters in the run's own
 *     terms, to be given back unread to {@link SourceContext#resumed}
 */
public record SettledPosition(long next, String ledger) {
    public SettledPosition {
        Objects.requireNonNull(ledger, "ledger");
    }
}
