// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

/** A place in a partition. */
public sealed interface Start {
    /** From this offset. */
    record At(long offset) implements Start {}

    /** From the first record that is kept. */
    record Earliest() implements Start {}

    /** After the last record there is. */
    record Latest() implements Start {}

    /** From the first record, by offset, whose timestamp is not before this; from the end if there is none. */
    record Since(long timestampMillis) implements Start {}

    /** The last so many of those that are kept. */
    record Last(int records) implements Start {}
}
