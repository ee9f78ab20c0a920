// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import java.nio.file.Path;
import java.time.Duration;

/** A store for tests of something else: on a slow machine, too, no write of theirs is refused because it waited. */
public final class PatientStore {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    public static final StoreSettings SETTINGS = StoreSettings.DEFAULT.withWaiting(1_024, 1_024, PATIENCE, PATIENCE);

    private PatientStore() {}

    public static Store open(Path directory) {
        return Store.open(directory, SETTINGS);
    }
}
