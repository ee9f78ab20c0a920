// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * What the expressions of one event may take of time and memory, and the functions that could take much of either at once: as cel-java has them, and
 * with a look at the clock on the way. Both the interpreter and the compiled code call these.
 */
@NullMarked
package io.fiso.transform.bounds;

import org.jspecify.annotations.NullMarked;
