// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Passes events on. */
@NullMarked
package io.fiso.components.passthrough;

import org.jspecify.annotations.NullMarked;
