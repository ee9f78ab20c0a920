// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Who may do what: callers, known by their tokens, and what each is granted in which namespaces. */
@NullMarked
package io.fiso.broker.access;

import org.jspecify.annotations.NullMarked;
