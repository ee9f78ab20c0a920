// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What the broker's store does in a second. */
@NullMarked
package io.fiso.benchmarks.broker;

import org.jspecify.annotations.NullMarked;
