// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0

/** What stream-source, stream-sink, queue-source and queue-sink share. */
@NullMarked
package io.fiso.brokeraccess;

import org.jspecify.annotations.NullMarked;
