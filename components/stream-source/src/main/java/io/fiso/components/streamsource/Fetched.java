// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import io.fiso.proto.broker.v1.StreamRecord;

/**
 * A record that was pushed and not yet emitted.
 *
 * @param emitted told when it is: the last of a batch gives its credit back
 */
record Fetched(StreamRecord record, Runnable emitted) {}
