// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** How commands answer: one envelope for programs, text for people. */
@NullMarked
package io.fiso.cli.output;

import org.jspecify.annotations.NullMarked;
