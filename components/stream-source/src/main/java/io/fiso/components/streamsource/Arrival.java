// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import io.fiso.broker.client.BrokerFailure;
import io.fiso.proto.broker.v1.SubscriptionBatch;

/** What a subscription brought. */
sealed interface Arrival {
    /** Whose. */
    PartitionSubscription from();

    /** Records. */
    record Batch(PartitionSubscription from, SubscriptionBatch batch) implements Arrival {}

    /** Its end. */
    record Failed(PartitionSubscription from, BrokerFailure failure) implements Arrival {}
}
