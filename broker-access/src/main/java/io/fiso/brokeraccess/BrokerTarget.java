// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.brokeraccess;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.ResourceNames;
import io.fiso.proto.broker.v1.QueueSettings;
import io.fiso.proto.broker.v1.Resource;
import io.fiso.proto.broker.v1.Retention;
import io.fiso.proto.broker.v1.StreamSettings;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which resource a component works on, and whether it makes it.
 *
 * @param address the broker that the config names; the run's own without
 * @param create whether the resource is made if it is not there
 * @param wanted its name, and what it is made with
 */
public record BrokerTarget(Optional<BrokerAddress> address, boolean create, Resource wanted) {
    private static final int PARTITIONS_MAX = 256;

    /**
     * A stream, as a config says it.
     *
     * @param stream short or whole name
     * @param address {@code host:port}; null for the run's own broker
     * @param token what that broker wants to see
     * @param create null for yes
     * @param partitions 1 to 256; null for 1
     * @param durability null for fsync
     * @throws IllegalArgumentException if one of them cannot be, with the key and what would be right
     */
    public static BrokerTarget stream(
            @Nullable String stream,
            @Nullable String address,
            @Nullable String token,
            @Nullable Boolean create,
            @Nullable Integer partitions,
            @Nullable ResourceDurability durability) {
        if (partitions != null && (partitions < 1 || partitions > PARTITIONS_MAX)) {
            throw new IllegalArgumentException("partitions is " + partitions + "; it can be 1 to " + PARTITIONS_MAX);
        }
        // Not said, the broker's own default, and no reason to warn of a stream that has others.
        int count = partitions == null ? 0 : partitions;
        return of(
                address,
                token,
                create,
                named(ResourceNames.STREAM, "stream", stream, durability)
                        .setStream(StreamSettings.newBuilder().setPartitions(count))
                        .build());
    }

    /** The same, of which records go when all groups have consumed them, if this says so. */
    public BrokerTarget untilConsumed(@Nullable Boolean only) {
        if (only == null || !only) {
            return this;
        }
        return new BrokerTarget(
                address,
                create,
                wanted.toBuilder()
                        .setStream(wanted.getStream().toBuilder()
                                .setRetention(Retention.newBuilder().setUntilConsumed(true)))
                        .build());
    }

    /** A queue, in the same way. */
    public static BrokerTarget queue(
            @Nullable String queue,
            @Nullable String address,
            @Nullable String token,
            @Nullable Boolean create,
            @Nullable ResourceDurability durability) {
        return of(
                address,
                token,
                create,
                named(ResourceNames.QUEUE, "queue", queue, durability)
                        .setQueue(QueueSettings.getDefaultInstance())
                        .build());
    }

    private static BrokerTarget of(
            @Nullable String address, @Nullable String token, @Nullable Boolean create, Resource wanted) {
        return new BrokerTarget(address(address, token), create == null || create, wanted);
    }

    private static Resource.Builder named(
            ResourceNames kind, String key, @Nullable String written, @Nullable ResourceDurability durability) {
        if (written == null || written.isBlank()) {
            throw new IllegalArgumentException(key + " is missing; name the " + key);
        }
        ResourceDurability chosen = durability == null ? ResourceDurability.FSYNC : durability;
        try {
            return Resource.newBuilder().setName(kind.whole(written)).setDurability(chosen.wire());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
        }
    }

    private static Optional<BrokerAddress> address(@Nullable String address, @Nullable String token) {
        if (address == null && token == null) {
            return Optional.empty();
        }
        if (address == null || token == null || token.isBlank()) {
            throw new IllegalArgumentException(
                    "address and token belong together; without both, the broker of the run is used");
        }
        int colon = address.lastIndexOf(':');
        try {
            return Optional.of(new BrokerAddress(
                    address.substring(0, Math.max(0, colon)), Integer.parseInt(address.substring(colon + 1)), token));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("address is \"" + address + "\"; write host:port", e);
        }
    }

    /** The whole name. */
    public String name() {
        return wanted.getName();
    }

    /** As people read it: {@code stream "default/shop/streams/orders"}. */
    @Override
    public String toString() {
        return (wanted.hasQueue() ? "queue" : "stream") + " \"" + name() + "\"";
    }
}
