// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What the broker tells about itself in numbers, for Prometheus. */
@NullMarked
package io.fiso.broker.metrics;

import org.jspecify.annotations.NullMarked;
