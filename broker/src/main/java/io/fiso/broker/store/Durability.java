// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

/** When a write is answered. */
public enum Durability {
    /** When it is on the disk: survives loss of power. */
    FSYNC,
    /** When the operating system has it: survives the death of the process, not loss of power. */
    OS,
    /** As {@link #OS}, and the disk has it within the store's sync interval. */
    INTERVAL
}
