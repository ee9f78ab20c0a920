// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What component authors and Fiso's own tests share: a harness, doubles that fail on request, contract suites, the simulator. */
@NullMarked
package io.fiso.testkit;

import org.jspecify.annotations.NullMarked;
