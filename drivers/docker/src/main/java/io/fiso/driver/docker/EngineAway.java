// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Why no engine answers, in one sentence that says what to do. */
final class EngineAway {
    private static final String UNIX = "unix://";

    private EngineAway() {}

    static String sentence(String address, Throwable cause) {
        Path socket = address.startsWith(UNIX) ? Path.of(address.substring(UNIX.length())) : Path.of("");
        String found = found(address, socket, cause);
        return "no Docker engine answers at " + address + ": " + found;
    }

    private static String found(String address, Path socket, Throwable cause) {
        String said = innermost(cause);
        if (!address.startsWith(UNIX)) {
            return said + "; is an engine running there, and is DOCKER_HOST what you mean?";
        }
        if (said.toLowerCase(Locale.ROOT).contains("permission denied")) {
            return "this user may not use the socket; join the group that owns it (sudo usermod -aG docker $USER, then log in again)";
        }
        if (Files.notExists(socket)) {
            return "there is no such socket; install Docker (Debian and Ubuntu: apt-get install docker.io), start it (sudo systemctl start docker), or set DOCKER_HOST";
        }
        return said
                + "; start it (sudo systemctl start docker), and look at its log if it does not stay (journalctl -u docker)";
    }

    private static String innermost(Throwable cause) {
        Throwable innermost = cause;
        while (innermost.getCause() != null && innermost.getCause() != innermost) {
            innermost = innermost.getCause();
        }
        return innermost.getMessage() == null ? innermost.toString() : innermost.getMessage();
    }
}
