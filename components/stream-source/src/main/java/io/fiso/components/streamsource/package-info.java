// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Reads a stream of the broker. */
@NullMarked
package io.fiso.components.streamsource;

import org.jspecify.annotations.NullMarked;
