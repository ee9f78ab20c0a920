// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Takes events and does nothing with them. */
@NullMarked
package io.fiso.components.nullsink;

import org.jspecify.annotations.NullMarked;
