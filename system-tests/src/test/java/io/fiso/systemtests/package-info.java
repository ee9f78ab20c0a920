// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Black box: the distribution's own {@code fisoctl}, real processes, a real Kafka, real kills. */
@NullMarked
package io.fiso.systemtests;

import org.jspecify.annotations.NullMarked;
