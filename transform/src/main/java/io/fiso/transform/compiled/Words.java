// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.transform.compiled;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** JSON's literal names. */
final class Words {
    static final byte[] NULL = "null".getBytes(US_ASCII);
    static final byte[] TRUE = "true".getBytes(US_ASCII);
    static final byte[] FALSE = "false".getBytes(US_ASCII);

    private Words() {}
}
