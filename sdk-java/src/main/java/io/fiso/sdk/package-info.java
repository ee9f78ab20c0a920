// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What a component author touches: sources, processors, sinks, and the one line that runs them. */
@NullMarked
package io.fiso.sdk;

import org.jspecify.annotations.NullMarked;
