// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Style;
import io.fiso.cli.output.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** A machine whose output is kept. */
final class RecordedHost {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Host host;

    RecordedHost(Path directory) {
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                Terminal.UNLIMITED_WIDTH,
                Style.PLAIN);
        host = new Host(
                Map.of("FISO_STATE_HOME", directory.resolve("state").toString(), "FISO_HOME", directory.toString()),
                terminal);
    }

    int run(String... args) {
        return Fisoctl.execute(host, args);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    Host host() {
        return host;
    }
}
