// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import jetbrains.exodus.ExodusException;

/** There was no room, and what did not fit was taken back: the log is as it was. */
final class DiskFull extends ExodusException {
    private static final long serialVersionUID = 1;

    DiskFull(Throwable cause) {
        super("no space left on the disk", cause);
    }
}
