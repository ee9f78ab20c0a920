// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** A real Apache Kafka broker for developers and tests. */
@NullMarked
package io.fiso.kafkanode;

import org.jspecify.annotations.NullMarked;
