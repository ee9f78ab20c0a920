// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Sends events to HTTP endpoints. */
@NullMarked
package io.fiso.components.http;

import org.jspecify.annotations.NullMarked;
