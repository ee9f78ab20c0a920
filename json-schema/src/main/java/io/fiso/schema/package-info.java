// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** JSON Schema as Fiso uses it: schemas that are checked before anything runs, and the data of events against them. */
@NullMarked
package io.fiso.schema;

import org.jspecify.annotations.NullMarked;
