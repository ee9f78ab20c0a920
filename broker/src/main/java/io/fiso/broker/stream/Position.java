// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

/** A partition, and the offset of the next record in it. */
public record Position(int partition, long offset) {}
