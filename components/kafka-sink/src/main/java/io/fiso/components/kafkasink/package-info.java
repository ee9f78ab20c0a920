// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Writes events to Kafka. */
@NullMarked
package io.fiso.components.kafkasink;

import org.jspecify.annotations.NullMarked;
