// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

/** Where records of an append are: so many from the first offset on, without a gap. */
public record Appended(int partition, long firstOffset, int records) {}
