// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Appends events to a file. */
@NullMarked
package io.fiso.components.filesink;

import org.jspecify.annotations.NullMarked;
