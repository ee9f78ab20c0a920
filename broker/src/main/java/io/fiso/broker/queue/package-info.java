// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Jobs that are handed out, one worker at a time, until one says that it is done. */
@NullMarked
package io.fiso.broker.queue;

import org.jspecify.annotations.NullMarked;
