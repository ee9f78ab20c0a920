// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
/** Whole pipelines of delivery cores in one thread and in virtual time: seeded faults that heal, and invariants that must hold. */
@NullMarked
package io.fiso.testkit.simulation;

import org.jspecify.annotations.NullMarked;
