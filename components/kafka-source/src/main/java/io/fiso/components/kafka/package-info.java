// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Reads Kafka topics. */
@NullMarked
package io.fiso.components.kafka;

import org.jspecify.annotations.NullMarked;
