// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Terminal;

/** Brings an answer to where it belongs: text on stdout, its error on stderr; an envelope, error included, on stdout. */
final class Printer {
    private Printer() {}

    static void print(Terminal terminal, Format format, boolean streamed, String command, Answer answer) {
        if (format == Format.text) {
            if (!answer.text().isEmpty()) {
                terminal.out().println(answer.text());
                terminal.out().flush();
            }
            answer.error().ifPresent(failure -> terminal.err().println(failure.text(terminal.style())));
            terminal.err().flush();
        } else {
            Object envelope = answer.envelope(command);
            terminal.out()
                    .println(streamed && format == Format.json ? Format.compact(envelope) : format.render(envelope));
            terminal.out().flush();
        }
    }
}
