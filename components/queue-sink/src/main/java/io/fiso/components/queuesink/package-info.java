// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Puts events into a queue of the broker. */
@NullMarked
package io.fiso.components.queuesink;

import org.jspecify.annotations.NullMarked;
