// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.letters.Letter;
import io.fiso.cli.letters.LetterStore;
import io.fiso.cli.letters.Letters;
import io.fiso.cli.letters.Note;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Nobody wants it any more. */
@Command(
        name = "discard",
        description =
                "Say of dead letters that nobody wants them any more; they stay in their store, and are shown with --all only")
final class DlqDiscardCommand extends Verb {
    @Mixin
    DeadLetterQueue queue = new DeadLetterQueue();

    @Mixin
    LetterChoice choice = new LetterChoice();

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "ID", description = "Ids, or their beginnings")
    List<String> ids = List.of();

    @Option(names = "--all", description = "Every open letter")
    boolean all;

    @Mixin
    Confirmation confirmation = new Confirmation();

    DlqDiscardCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() throws IOException, InterruptedException {
        if (!all && ids.isEmpty() && choice.where == null) {
            throw new CommandException(Failure.invalid(
                    "cli.usage", "nothing says which letters to discard", "name ids, --where or --all"));
        }
        return queue.use(host, stores -> {
            for (LetterStore store : stores) {
                store.openNotes();
            }
            List<Letter> found = Letters.read(stores, choice.predicate(ids, false));
            LetterChoice.requireEach(ids, found);
            List<Letter> chosen = found.subList(0, Math.clamp(choice.limit, 0, found.size()));
            if (!chosen.isEmpty()) {
                confirmation.require(
                        terminal(),
                        "dlq",
                        "discard " + PipelineFile.count(chosen.size(), "dead letter") + " of \"" + queue.pipeline
                                + "\"");
            }
            for (Letter letter : chosen) {
                letter.note(Note.State.DISCARDED, Instant.now());
            }
            String summary = PipelineFile.count(chosen.size(), "dead letter") + " discarded";
            return Answer.ok(
                    summary,
                    Format.map(
                            "pipeline",
                            queue.pipeline,
                            "discarded",
                            chosen.stream().map(Letter::id).toList(),
                            "unjudged",
                            choice.unjudged()),
                    choice.remark().isEmpty() ? summary : summary + "\n" + choice.remark());
        });
    }
}
