// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

/** A record as it will be kept, made before its offset is known. */
@SuppressWarnings("ArrayRecordComponent")
record EncodedRecord(byte[] bytes, long timestampMillis) {}
