// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.queuesource;

import io.fiso.proto.broker.v1.DeliveredJob;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What asking for jobs brought.
 *
 * @param askedAtNanos when it was asked: no lease began before
 * @param failure why it brought nothing; null if it was answered
 */
record Reservation(
        List<DeliveredJob> jobs,
        long askedAtNanos,
        @Nullable Exception failure) {}
