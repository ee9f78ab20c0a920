// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.ToolProvider;

/** A runnable jar whose program prints a line and exits with the code it is given. */
final class JarOfOneClass {
    private JarOfOneClass() {}

    static Path make(Path jar, String line) throws IOException {
        Path source = jar.resolveSibling("Hello.java");
        Files.writeString(source, """
                public class Hello {
                    public static void main(String[] args) {
                        System.out.println("%s");
                        System.exit(Integer.parseInt(args[0]));
                    }
                }
                """.formatted(line));
        int result = ToolProvider.getSystemJavaCompiler().run(null, null, null, source.toString());
        if (result != 0) {
            throw new IllegalStateException("the test's program does not compile");
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "Hello");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest)) {
            entries.putNextEntry(new JarEntry("Hello.class"));
            entries.write(Files.readAllBytes(jar.resolveSibling("Hello.class")));
        }
        return jar;
    }
}
