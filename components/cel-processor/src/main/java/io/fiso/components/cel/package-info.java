// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Maps events with CEL expressions. */
@NullMarked
package io.fiso.components.cel;

import org.jspecify.annotations.NullMarked;
