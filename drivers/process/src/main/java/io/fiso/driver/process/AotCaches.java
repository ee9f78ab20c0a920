// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import java.nio.file.Path;
import java.util.List;

/** AOT caches. */
final class AotCaches implements AutoCloseable {
    AotCaches(ProcessDriverConfig config) {}

    List<String> flags(Path jar, List<String> jvmFlags) {
        return List.of();
    }

    @Override
    public void close() {}
}
