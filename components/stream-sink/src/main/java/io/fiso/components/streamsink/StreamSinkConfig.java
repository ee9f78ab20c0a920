// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsink;

import io.fiso.brokeraccess.BrokerTarget;
import io.fiso.brokeraccess.ResourceDurability;
import io.fiso.sdk.message.EventWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sink's config.
 *
 * @param stream the stream, by short or whole name
 * @param address another broker than the run's own
 * @param token what that broker wants to see
 * @param create whether the stream is made if it is not there
 * @param partitions how many partitions it is made with
 * @param durability when an append to it counts
 * @param mode how an event becomes a record
 * @param untilConsumed whether a stream that is made keeps its records only until every group has consumed them
 */
record StreamSinkConfig(
        @Nullable String stream,
        @Nullable String address,
        @Nullable String token,
        @Nullable Boolean create,
        @Nullable Integer partitions,
        @Nullable ResourceDurability durability,
        EventWriter.@Nullable Mode mode,
        @Nullable Boolean untilConsumed) {
    StreamSinkConfig {
        BrokerTarget.stream(stream, address, token, create, partitions, durability);
        mode = mode == null ? EventWriter.Mode.BINARY : mode;
    }

    @Override
    public EventWriter.Mode mode() {
        return Objects.requireNonNull(mode);
    }

    BrokerTarget target() {
        return BrokerTarget.stream(stream, address, token, create, partitions, durability)
                .untilConsumed(untilConsumed);
    }
}
