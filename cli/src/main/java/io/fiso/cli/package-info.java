// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** fisoctl: every command, wired to the embedded control plane and the drivers. */
@NullMarked
package io.fiso.cli;

import org.jspecify.annotations.NullMarked;
