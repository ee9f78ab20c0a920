// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import java.time.Instant;
import java.util.Optional;

/**
 * A key with its value.
 *
 * @param value not to be changed by whoever gets it; empty if it was not asked for, or the key is no longer there
 */
@SuppressWarnings("ArrayRecordComponent")
public record KeyEntry(Key key, byte[] value, long revision, Optional<Instant> expires) {}
