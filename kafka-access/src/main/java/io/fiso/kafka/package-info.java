// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** How Fiso's parts reach a Kafka cluster, and what they leave for each other in its consumer groups. */
@NullMarked
package io.fiso.kafka;

import org.jspecify.annotations.NullMarked;
