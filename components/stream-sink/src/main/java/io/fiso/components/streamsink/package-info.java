// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Appends events to a stream of the broker. */
@NullMarked
package io.fiso.components.streamsink;

import org.jspecify.annotations.NullMarked;
