// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
/** How components and fisoctl reach a broker. */
@NullMarked
package io.fiso.broker.client;

import org.jspecify.annotations.NullMarked;
