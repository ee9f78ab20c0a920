// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Values under keys, with a time to live, revisions, and a feed of what changes. */
@NullMarked
package io.fiso.broker.keyvalue;

import org.jspecify.annotations.NullMarked;
