// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Shows events on the console. */
@NullMarked
package io.fiso.components.console;

import org.jspecify.annotations.NullMarked;
