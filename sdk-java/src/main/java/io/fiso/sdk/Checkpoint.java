// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

/** A durable position per partition, written by the framework as events settle: at most every 100 ms, and at the end of a drain. */
public interface Checkpoint {
    /** The position to go on from, or {@code otherwise} if this partition has none yet. Survives restarts of the process and the machine. */
    long position(String partition, long otherwise);
}
