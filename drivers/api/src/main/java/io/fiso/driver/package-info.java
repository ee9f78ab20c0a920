// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What a driver is: how the control plane starts, finds again and ends the instances of components, wherever they run. */
@NullMarked
package io.fiso.driver;

import org.jspecify.annotations.NullMarked;
