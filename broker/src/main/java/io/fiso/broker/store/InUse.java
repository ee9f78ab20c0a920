// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.io.IOException;

/** Another has the disk. */
final class InUse extends IOException {
    private static final long serialVersionUID = 1;

    InUse(String message) {
        super(message);
    }
}
