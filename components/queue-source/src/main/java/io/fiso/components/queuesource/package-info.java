// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Takes jobs out of a queue of the broker. */
@NullMarked
package io.fiso.components.queuesource;

import org.jspecify.annotations.NullMarked;
