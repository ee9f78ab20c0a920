// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import java.util.Optional;
import picocli.CommandLine.Command;

/** What this is. */
@Command(name = "version", description = "Show the versions of fisoctl and of the Java it runs on")
final class VersionCommand extends Verb {
    VersionCommand(Host host) {
        super(host);
    }

    /** The version of this build; "development" outside a distribution. */
    static String version() {
        return Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    @Override
    Answer answer() {
        String java = Runtime.version() + " (" + System.getProperty("java.vendor") + ")";
        String home = System.getProperty("fiso.home", "");
        return Answer.ok(
                "fisoctl " + version(),
                Format.map("version", version(), "java", java, "home", home),
                "fisoctl " + version() + "\njava    " + java + (home.isEmpty() ? "" : "\nhome    " + home));
    }
}
