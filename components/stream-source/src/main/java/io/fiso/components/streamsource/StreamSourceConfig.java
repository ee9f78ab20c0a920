// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import io.fiso.brokeraccess.BrokerTarget;
import io.fiso.brokeraccess.ResourceDurability;
import io.fiso.kafka.StartOffset;
import io.fiso.kafka.Until;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The source's config. Where a read begins and ends is written as for kafka-source.
 *
 * @param stream the stream, by short or whole name
 * @param address another broker than the run's own
 * @param token what that broker wants to see
 * @param create whether the stream is made if it is not there
 * @param partitions how many partitions it is made with
 * @param durability when an append to it counts
 * @param consumerGroup the consumer group; fiso-flow-(pipeline) without it
 * @param startOffset where a group begins that is new
 * @param until where the source ends; it goes on for ever without it
 * @param onGap what becomes of records that retention took before they were read
 * @param eventType the type of events made from plain records
 * @param untilConsumed whether a stream that is made keeps its records only until every group has consumed them
 */
record StreamSourceConfig(
        @Nullable String stream,
        @Nullable String address,
        @Nullable String token,
        @Nullable Boolean create,
        @Nullable Integer partitions,
        @Nullable ResourceDurability durability,
        @Nullable String consumerGroup,
        @Nullable Object startOffset,
        @Nullable Object until,
        @Nullable OnGap onGap,
        @Nullable String eventType,
        @Nullable Boolean untilConsumed) {
    private static final Pattern GROUP = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    /** What becomes of records that retention took before they were read. */
    enum OnGap {
        /** The source fails. */
        FAIL,
        /** They are counted. */
        SKIP
    }

    StreamSourceConfig {
        BrokerTarget.stream(stream, address, token, create, partitions, durability);
        if (consumerGroup != null && !GROUP.matcher(consumerGroup).matches()) {
            throw new IllegalArgumentException(
                    "consumerGroup is \"" + consumerGroup
                            + "\"; it can have 1 to 100 letters, digits, '.', '_' or '-', of which the first is a letter or digit");
        }
        onGap = onGap == null ? OnGap.FAIL : onGap;
        eventType = eventType == null ? "fiso.event" : eventType;
        try {
            start(startOffset);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("startOffset " + e.getMessage(), e);
        }
        bound(until);
    }

    @Override
    public OnGap onGap() {
        return Objects.requireNonNull(onGap);
    }

    @Override
    public String eventType() {
        return Objects.requireNonNull(eventType);
    }

    BrokerTarget target() {
        return BrokerTarget.stream(stream, address, token, create, partitions, durability)
                .untilConsumed(untilConsumed);
    }

    StartOffset start() {
        return start(startOffset);
    }

    /** Where the source ends, if it does. */
    Optional<Until> bound() {
        return bound(until);
    }

    String group(String pipeline) {
        return consumerGroup == null ? "fiso-flow-" + pipeline : consumerGroup;
    }

    private static StartOffset start(@Nullable Object written) {
        return written == null ? new StartOffset.Latest() : StartOffset.parse(written.toString());
    }

    private static Optional<Until> bound(@Nullable Object written) {
        return written == null ? Optional.empty() : Optional.of(Until.parse(written.toString()));
    }
}
