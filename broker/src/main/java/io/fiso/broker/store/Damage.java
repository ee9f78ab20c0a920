// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import jetbrains.exodus.ExodusException;

/** What was on the disk is there no longer as it was written. */
final class Damage extends ExodusException {
    private static final long serialVersionUID = 1;

    Damage(String file, long offset, String what) {
        super("file '" + file + "' is damaged at byte " + offset + ": " + what);
    }
}
