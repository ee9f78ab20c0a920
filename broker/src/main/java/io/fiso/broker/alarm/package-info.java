// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What happens at a moment that is known before, so that nobody has to look again and again. */
@NullMarked
package io.fiso.broker.alarm;

import org.jspecify.annotations.NullMarked;
