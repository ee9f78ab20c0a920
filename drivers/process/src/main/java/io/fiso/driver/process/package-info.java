// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Components as processes of this machine. */
@NullMarked
package io.fiso.driver.process;

import org.jspecify.annotations.NullMarked;
