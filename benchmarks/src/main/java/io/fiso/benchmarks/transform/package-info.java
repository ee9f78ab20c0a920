// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What a transform costs per event, peers beside it in one run; and what the first one costs. */
@NullMarked
package io.fiso.benchmarks.transform;

import org.jspecify.annotations.NullMarked;
