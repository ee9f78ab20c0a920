// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Style;
import io.fiso.cli.output.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What an AOT cache is made from: a run through what most commands do. */
final class AotWorkout {
    private AotWorkout() {}

    /** Runs it. */
    static void run() {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        Host host = new Host(System.getenv(), new Terminal(nowhere, nowhere, false, 100, Style.PLAIN));
        Fisoctl.execute(host, "version");
        Fisoctl.execute(host, "version", "-o", "json");
        Fisoctl.execute(host, "version", "-o", "yaml");
        Fisoctl.execute(host, "--help");
    }
}
