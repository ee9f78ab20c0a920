// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * JSON text and the values in it, without a tree: a payload is scanned once, and what expressions look at stays where it is, as a span of bytes.
 * Inside of the transform engine only; nothing here is meant for others.
 */
@NullMarked
package io.fiso.transform.json;

import org.jspecify.annotations.NullMarked;
