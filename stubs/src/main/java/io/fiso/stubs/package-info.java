// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What stands in for components in pipeline tests. */
@NullMarked
package io.fiso.stubs;

import org.jspecify.annotations.NullMarked;
