// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** CEL as Fiso uses it: checked, compiled, evaluated over events. */
@NullMarked
package io.fiso.transform;

import org.jspecify.annotations.NullMarked;
