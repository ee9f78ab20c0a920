// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Dead letters where they lie: read, and noted as replayed or discarded. */
@NullMarked
package io.fiso.cli.letters;

import org.jspecify.annotations.NullMarked;
