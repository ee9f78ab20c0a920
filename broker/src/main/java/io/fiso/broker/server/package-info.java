// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** The broker as a whole: one store, its services, and the ports they are reached by. */
@NullMarked
package io.fiso.broker.server;

import org.jspecify.annotations.NullMarked;
