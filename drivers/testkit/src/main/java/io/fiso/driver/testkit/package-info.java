// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What every driver has to keep, as tests that each of them runs. */
@NullMarked
package io.fiso.driver.testkit;

import org.jspecify.annotations.NullMarked;
