// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import com.google.protobuf.ByteString;

/**
 * A header of a record.
 *
 * @param name 1 to 255 characters; several headers may have one name
 */
public record Header(String name, ByteString value) {
    static final int NAME_LENGTH_MAX = 255;
}
