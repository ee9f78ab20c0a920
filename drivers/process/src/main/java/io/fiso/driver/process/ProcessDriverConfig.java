// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import java.nio.file.Path;

/**
 * What the process driver needs.
 *
 * @param java the {@code java} program for Java components
 * @param cacheDirectory where AOT caches are kept, {@code <cache>/aot}; created when needed
 * @param aotCaches whether to make and use AOT caches
 */
public record ProcessDriverConfig(Path java, Path cacheDirectory, boolean aotCaches) {
    /** The running JDK's own {@code java}, and AOT caches under this directory. */
    public static ProcessDriverConfig of(Path cacheDirectory) {
        return new ProcessDriverConfig(Path.of(System.getProperty("java.home"), "bin", "java"), cacheDirectory, true);
    }
}
