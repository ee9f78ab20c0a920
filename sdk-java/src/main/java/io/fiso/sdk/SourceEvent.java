// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import io.cloudevents.CloudEvent;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One event with where it came from.
 *
 * @param event the event; its bytes must not change afterwards
 * @param partition the partition of the outside system, its own name there ({@code orders-3})
 * @param position its place in that partition; the position to commit after it is {@code position + 1}
 * @param orderKey the bytes that decide order; empty for none
 * @param original the raw record as read, kept until the event is settled so that a dead letter can be written from it
 * @param failure set when the record could not be made an event: it is dead-lettered at its place, and goes nowhere else
 */
public record SourceEvent(
        @Nullable CloudEvent event,
        String partition,
        long position,
        byte[] orderKey,
        @Nullable OriginalRecord original,
        Optional<DeliveryException> failure) {
    public SourceEvent {
        Objects.requireNonNull(partition, "partition");
        if (event == null && failure.isEmpty()) {
            throw new IllegalArgumentException("a source event has an event or a failure");
        }
    }

    /** An event to deliver. */
    public static SourceEvent of(
            CloudEvent event, String partition, long position, byte[] orderKey, @Nullable OriginalRecord original) {
        return new SourceEvent(event, partition, position, orderKey, original, Optional.empty());
    }

    /** A record that is no event: it goes to the dead letters with this reason. */
    public static SourceEvent failed(
            DeliveryException failure, String partition, long position, byte[] orderKey, OriginalRecord original) {
        return new SourceEvent(null, partition, position, orderKey, original, Optional.of(failure));
    }
}
