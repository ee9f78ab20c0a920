// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Makes events up. */
@NullMarked
package io.fiso.components.generator;

import org.jspecify.annotations.NullMarked;
