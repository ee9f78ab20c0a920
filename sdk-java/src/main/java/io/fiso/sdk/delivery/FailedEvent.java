// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import org.jspecify.annotations.Nullable;

/**
 * A source event that failed on some path, to be written as a dead letter.
 *
 * @param partition its partition
 * @param position its position there
 * @param attachment what the source handed in with it
 * @param failure why
 * @param orderKey its order key; empty if it has none
 */
public record FailedEvent(
        String partition, long position, @Nullable Object attachment, Failure failure, byte[] orderKey) {}
