// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Events as messages of a system that keeps keys, headers and payloads, such as Kafka or the broker: for sources that read there, and sinks that write there. By
 * the Kafka binding of CloudEvents 1.0, so that what is written to one of them can be read from another.
 */
@NullMarked
package io.fiso.sdk.message;

import org.jspecify.annotations.NullMarked;
