// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.letters.Letter;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What waits there? */
@Command(name = "list", description = "The dead letters of a pipeline that wait, the newest last")
final class DlqListCommand extends Verb {
    @Mixin
    DeadLetterQueue queue = new DeadLetterQueue();

    @Mixin
    LetterChoice choice = new LetterChoice();

    @Option(names = "--all", description = "Those too that were replayed or discarded")
    boolean all;

    DlqListCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() throws IOException, InterruptedException {
        List<Letter> found = queue.letters(host, choice.predicate(List.of(), all));
        List<Letter> shown = found.subList(Math.max(0, found.size() - Math.max(0, choice.limit)), found.size());
        String summary = PipelineFile.count(found.size(), all ? "dead letter" : "open dead letter")
                + (shown.size() < found.size() ? ", the newest " + shown.size() + " of them shown" : "");
        String text = shown.isEmpty()
                ? summary
                : LetterText.table(shown, all).render(terminal().width())
                        + (shown.size() < found.size() ? "\n" + summary : "");
        return Answer.ok(
                summary,
                Format.map(
                        "pipeline",
                        queue.pipeline,
                        "count",
                        found.size(),
                        "letters",
                        shown.stream().map(LetterText::data).toList(),
                        "unjudged",
                        choice.unjudged()),
                choice.remark().isEmpty() ? text : text + "\n" + choice.remark());
    }
}
