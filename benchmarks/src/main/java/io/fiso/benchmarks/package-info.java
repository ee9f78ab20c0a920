// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What makes the figures in docs/benchmarks.md: whole processes, peers beside ours, in one run. */
@NullMarked
package io.fiso.benchmarks;

import org.jspecify.annotations.NullMarked;
