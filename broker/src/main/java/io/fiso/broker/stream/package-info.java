// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Streams: partitions of records by offset, kept in blocks and segments; subscriptions, consumer groups and retention. */
@NullMarked
package io.fiso.broker.stream;

import org.jspecify.annotations.NullMarked;
