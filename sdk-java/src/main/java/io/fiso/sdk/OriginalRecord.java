// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record as the outside system had it. Implementations may hold the outside system's own object and convert on request, since most
 * records never need it.
 */
public interface OriginalRecord {
    /** The topic, file or other name of where it was read. */
    String origin();

    /** The partition there; -1 if it has none. */
    int partition();

    /** The offset there; -1 if it has none. */
    long offset();

    /** Its timestamp in milliseconds since the epoch; -1 if it has none. */
    long timestampMillis();

    /** Its key; null if it has none. */
    byte @Nullable [] key();

    /** Its value, unchanged; null if it has none (a tombstone). */
    byte @Nullable [] value();

    /** Its headers, in order; names may repeat. */
    List<Header> headers();

    /** One header. */
    record Header(String name, byte @Nullable [] value) {}
}
