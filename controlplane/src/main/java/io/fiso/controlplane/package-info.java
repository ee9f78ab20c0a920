// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Registers components, wires them, watches and restarts them, and remembers runs. Off the data path (guarantee D11). */
@NullMarked
package io.fiso.controlplane;

import org.jspecify.annotations.NullMarked;
