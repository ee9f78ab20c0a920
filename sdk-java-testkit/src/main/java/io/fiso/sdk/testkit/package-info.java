// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What tests of components need. */
@NullMarked
package io.fiso.sdk.testkit;

import org.jspecify.annotations.NullMarked;
