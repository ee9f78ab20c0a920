// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Reads files of JSON lines. */
@NullMarked
package io.fiso.components.file;

import org.jspecify.annotations.NullMarked;
