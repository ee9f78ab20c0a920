// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What is durable: sorted tables of bytes, changed by one committer. Knows nothing of streams, queues or keys. */
@NullMarked
package io.fiso.broker.store;

import org.jspecify.annotations.NullMarked;
