// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.letters.Letter;
import io.fiso.cli.letters.Letters;
import io.fiso.cli.output.Answer;
import io.fiso.proto.stream.v1.OriginalRecord;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What is in it? */
@Command(name = "show", description = "One dead letter: why it failed, and the record with its headers and its value")
final class DlqShowCommand extends Verb {
    @Mixin
    DeadLetterQueue queue = new DeadLetterQueue();

    @Parameters(index = "1", paramLabel = "ID", description = "The letter's id or its beginning")
    String id = "";

    DlqShowCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() throws IOException, InterruptedException {
        return queue.use(host, stores -> {
            List<Letter> found = Letters.read(stores, new LetterChoice().predicate(List.of(id), true));
            LetterChoice.requireEach(List.of(id), found);
            Letter letter = found.getLast();
            OriginalRecord original = letter.load();
            return Answer.ok(
                    letter.component() + ": " + letter.code(),
                    LetterText.data(letter, original),
                    LetterText.text(letter, original, terminal().width()));
        });
    }
}
