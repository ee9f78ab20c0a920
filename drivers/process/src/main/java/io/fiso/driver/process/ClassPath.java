// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/** What {@code java -jar} puts on the class path. */
final class ClassPath {
    private ClassPath() {}

    /** The jar, and those its manifest names; entries that do not exist are left out, as the JVM does. */
    static List<Path> of(Path jar) throws IOException {
        List<Path> files = new ArrayList<>(List.of(jar));
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String entries =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            if (entries != null) {
                for (String entry : entries.split(" ")) {
                    Path sibling = jar.toAbsolutePath().resolveSibling(entry).normalize();
                    if (!entry.isEmpty() && Files.exists(sibling)) {
                        files.add(sibling);
                    }
                }
            }
        }
        return files;
    }
}
