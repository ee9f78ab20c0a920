// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** The embedded broker: durable streams, queues and key-value on one store. For one machine; past it, Kafka takes its place. */
@NullMarked
package io.fiso.broker;

import org.jspecify.annotations.NullMarked;
