// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * Which jars of a distribution's lib/ go where: what any of its components names in its class path is shared by all images, the rest is fisoctl's.
 *
 * @param lib the directory
 * @param shared names of files in it
 */
record SharedJars(Path lib, Set<String> shared) {
    /** @param components the components' jars */
    static SharedJars of(Path home, Collection<Path> components) throws IOException {
        Path lib = home.resolve("lib").toRealPath();
        Set<String> shared = new TreeSet<>();
        for (Path jar : components) {
            for (String entry : classPath(jar)) {
                Path file = jar.resolveSibling(entry).normalize();
                if (file.startsWith(lib) && Files.exists(file)) {
                    shared.add(file.getFileName().toString());
                }
            }
        }
        return new SharedJars(lib, shared);
    }

    private static List<String> classPath(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String value =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            return value == null ? List.of() : List.of(value.split(" "));
        }
    }

    /** What only fisoctl needs. */
    List<String> rest() throws IOException {
        List<String> rest = new ArrayList<>();
        try (Stream<Path> files = Files.list(lib)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jar") && !shared.contains(name))
                    .sorted()
                    .forEach(rest::add);
        }
        return rest;
    }

    /** The SDK's; every component's class path has it. */
    String sdk() throws IOException {
        return shared.stream()
                .filter(name -> name.startsWith("fiso-sdk-java-"))
                .findFirst()
                .orElseThrow(() -> new IOException("there is no fiso-sdk-java in \"" + lib + "\""));
    }
}
