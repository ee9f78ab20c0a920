// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Starts a component of the distribution in a way of the test's own: what {@code command:} gets in the pipeline file. */
final class StartScript {
    private static final String JAVA = "java -XX:+UseSerialGC -Xmx128m -Xlog:disable -Xlog:all=warning:stderr"
            + " --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -jar ";

    private StartScript() {}

    /** Listens on this port of 127.0.0.1, and has everybody dial another loopback address. */
    static String advertising(Sandbox sandbox, String component, String address, int port) throws IOException {
        return write(sandbox, component, """
                #!/bin/sh
                export FISO_LISTEN=127.0.0.1:%d FISO_ADVERTISE_HOST=%s
                exec %s
                """.formatted(port, address, JAVA + jar(component)));
    }

    /**
     * Runs it as a child that nobody but this script finds: in a session of its own, and without the mark by which the driver knows its
     * processes. When the script is killed, the component goes on.
     */
    static String escaping(Sandbox sandbox, String component) throws IOException {
        return write(sandbox, component, """
                #!/bin/sh
                env -u FISO_LAUNCH setsid %s &
                child=$!
                trap 'kill -TERM $child' TERM
                wait $child
                wait $child
                """.formatted(JAVA + jar(component)));
    }

    /** Any script, started as it is. */
    static String write(Sandbox sandbox, String name, String text) throws IOException {
        Path script = sandbox.write(name + ".sh", text);
        java.nio.file.Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return PipelineFile.list(script.toString());
    }

    private static String jar(String component) {
        return Distribution.home()
                .resolve("components")
                .resolve(component)
                .resolve(component + ".jar")
                .toString();
    }
}
