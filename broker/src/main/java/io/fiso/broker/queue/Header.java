// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

/** One of a job's headers. The array is not to be changed by whoever gets it. */
@SuppressWarnings("ArrayRecordComponent")
public record Header(String name, byte[] value) {}
