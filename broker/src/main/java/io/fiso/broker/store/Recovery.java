// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

/**
 * What was found when the store was opened.
 *
 * @param bytesDropped how many bytes at the end of the log belonged to no finished commit, and were cut off: nothing of it was ever answered with
 *     {@link Durability#FSYNC}
 * @param closed whether the store had been closed, as opposed to killed
 */
public record Recovery(long bytesDropped, boolean closed) {}
