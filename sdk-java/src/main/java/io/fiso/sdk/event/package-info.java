// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** The wire event: a CloudEvent that is decoded only where someone looks. */
@NullMarked
package io.fiso.sdk.event;

import org.jspecify.annotations.NullMarked;
