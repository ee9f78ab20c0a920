// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import org.jspecify.annotations.Nullable;

/** The waiting events of one order key, oldest first. */
final class Lane {
    byte[] key = Records.NO_KEY;
    int hash;
    boolean running;
    boolean waiting;
    @Nullable Task head;
    @Nullable Task tail;
    @Nullable Lane nextInBucket;
    @Nullable Lane nextReady;
    boolean queued;
}
