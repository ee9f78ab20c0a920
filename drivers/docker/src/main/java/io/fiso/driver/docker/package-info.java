// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Components as containers of a Docker engine. */
@NullMarked
package io.fiso.driver.docker;

import org.jspecify.annotations.NullMarked;
