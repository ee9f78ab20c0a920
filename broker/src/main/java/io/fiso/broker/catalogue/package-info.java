// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** Which streams, queues and key-value stores there are: names outside, numbers inside. */
@NullMarked
package io.fiso.broker.catalogue;

import org.jspecify.annotations.NullMarked;
