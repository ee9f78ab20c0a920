// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What the user wrote: parsed, validated, resolved to a graph. Pure: no network, no processes. */
@NullMarked
package io.fiso.pipeline;

import org.jspecify.annotations.NullMarked;
