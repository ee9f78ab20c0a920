// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.letters.Letter;
import io.fiso.cli.letters.LetterStore;
import io.fiso.cli.letters.Letters;
import io.fiso.cli.letters.Replay;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.ExitCode;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Table;
import io.fiso.controlplane.ControlFile;
import io.fiso.pipeline.Problem;
import io.fiso.proto.control.v1.InjectRequest;
import io.fiso.proto.control.v1.InjectResponse;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.stream.v1.OriginalRecord;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Once more, please. */
@Command(
        name = "replay",
        description =
                "Give dead letters in again, to the component that failed and nowhere else; the pipeline must run",
        footer = {
            "",
            "Letters of one key go one after the other, in the order of their records. One that fails again stays, and so do those behind it of its key.",
            "A replay may be interrupted and repeated: what has arrived is not replayed again, except what was in flight."
        })
final class DlqReplayCommand extends Verb {
    private static final Duration LETTER_LIMIT = Duration.ofMinutes(5);
    /** How long a source may be away, while it is started again for example. */
    private static final Duration AWAY_MAX = Duration.ofSeconds(30);

    private static final Duration AWAY_INTERVAL = Duration.ofMillis(500);
    private static final Duration TELL_INTERVAL = Duration.ofSeconds(2);

    @Mixin
    DeadLetterQueue queue = new DeadLetterQueue();

    @Mixin
    LetterChoice choice = new LetterChoice();

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "ID",
            description = "Ids, or their beginnings (default: every open letter)")
    List<String> ids = List.of();

    @Option(names = "--dry-run", description = "Only show what would be replayed, and where to")
    boolean dryRun;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "32",
            description = "How many keys at once (default: 32)")
    int parallelism = 32;

    DlqReplayCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() throws IOException, InterruptedException {
        return queue.use(host, stores -> dryRun ? show(stores) : replay(stores));
    }

    private List<Letter> choose(List<LetterStore> stores) throws IOException, InterruptedException {
        List<Letter> found = Letters.read(stores, choice.predicate(ids, false));
        LetterChoice.requireEach(ids, found);
        return found.subList(0, Math.clamp(choice.limit, 0, found.size()));
    }

    private Answer show(List<LetterStore> stores) throws IOException, InterruptedException {
        List<Letter> ordered = new ArrayList<>();
        Collection<List<Letter>> lanes = Replay.plan(choose(stores));
        lanes.forEach(ordered::addAll);
        String summary = PipelineFile.count(ordered.size(), "dead letter") + " of "
                + PipelineFile.count(lanes.size(), "key") + " would be replayed";
        return Answer.ok(
                summary,
                Format.map(
                        "pipeline",
                        queue.pipeline,
                        "letters",
                        ordered.stream().map(LetterText::data).toList(),
                        "unjudged",
                        choice.unjudged()),
                (ordered.isEmpty()
                                ? ""
                                : LetterText.table(ordered, false)
                                                .render(terminal().width()) + "\n")
                        + withRemark(summary));
    }

    private String withRemark(String summary) {
        return choice.remark().isEmpty() ? summary : summary + "\n" + choice.remark();
    }

    private Answer replay(List<LetterStore> stores) throws IOException, InterruptedException {
        Run run = activeRun();
        ControlFile controlPlane =
                new KnownRuns(host).controlPlaneOf(run).orElseThrow(() -> notRunning(queue.pipeline));
        for (LetterStore store : stores) {
            store.openNotes();
        }
        List<Letter> letters = choose(stores);
        StopSignals signals = StopSignals.install(() -> {});
        try (ControlPlaneClient client = ControlPlaneClient.of(controlPlane)) {
            Replay replay = new Replay(
                    (letter, original) -> inject(client, run, letter, original, signals),
                    Clock.systemUTC(),
                    Math.max(1, parallelism),
                    signals::stopRequested);
            Thread teller = Thread.ofVirtual().start(() -> tell(replay, letters.size()));
            try {
                return answer(replay.run(letters), signals.stopRequested());
            } catch (CommandException e) {
                throw new CommandException(
                        new Failure(
                                e.failure().code(),
                                e.failure().owner(),
                                e.failure().exit(),
                                e.failure().message() + "; " + replay.replayedSoFar() + " of " + letters.size()
                                        + " letters had arrived, the others wait",
                                "repeat the replay when that is put right: what has arrived is not replayed again",
                                e.failure().problems()),
                        e);
            } finally {
                teller.interrupt();
                teller.join();
            }
        }
    }

    private Run activeRun() throws IOException {
        KnownRuns known = new KnownRuns(host);
        return known.of(queue.pipeline).stream()
                .filter(run -> !RunText.isFinal(run))
                .findFirst()
                .orElseThrow(() -> notRunning(queue.pipeline));
    }

    private static CommandException notRunning(String pipeline) {
        return new CommandException(Failure.environment(
                "pipeline.not_running",
                "pipeline \"" + pipeline
                        + "\" does not run here; dead letters are replayed through the running pipeline",
                "start it with \"fisoctl run\", then replay"));
    }

    /** A source that is away for a moment is waited for: the same event comes of the letter again, whatever became of it. */
    private static Replay.Outcome inject(
            ControlPlaneClient client, Run run, Letter letter, OriginalRecord original, StopSignals signals)
            throws Replay.RefusedException, InterruptedException {
        InjectRequest request = InjectRequest.newBuilder()
                .setRun(run.getId())
                .setSource(letter.newest().source())
                .setTarget(letter.component())
                .setOriginal(original)
                .build();
        long deadline = System.nanoTime() + AWAY_MAX.toNanos();
        while (true) {
            try {
                InjectResponse response = client.inject(request, LETTER_LIMIT);
                return new Replay.Outcome(response.getFate(), response.hasFailure() ? response.getFailure() : null);
            } catch (CommandException e) {
                if (e.failure().exit() != ExitCode.ENVIRONMENT) {
                    throw new Replay.RefusedException(e.failure().message());
                }
                boolean passing = e.failure().code().startsWith("inject.");
                if (!passing || System.nanoTime() > deadline || signals.stopRequested()) {
                    throw e;
                }
                Thread.sleep(AWAY_INTERVAL);
            }
        }
    }

    private void tell(Replay replay, int size) {
        try {
            while (isText() && size > 0) {
                Thread.sleep(TELL_INTERVAL);
                terminal().err().println(replay.replayedSoFar() + " of " + size + " replayed");
            }
        } catch (InterruptedException _) {
            // It is over.
        }
    }

    private Answer answer(Replay.Summary summary, boolean interrupted) {
        int left = summary.heldBack().size();
        String text = summary.replayed() + " replayed, " + summary.failed().size() + " failed again, " + left
                + " held back" + (summary.notStarted() == 0 ? "" : ", " + summary.notStarted() + " not started");
        Map<String, @Nullable Object> result = Format.map(
                "pipeline",
                queue.pipeline,
                "replayed",
                summary.replayed(),
                "failedAgain",
                summary.failed().stream().map(DlqReplayCommand::data).toList(),
                "heldBack",
                summary.heldBack().stream().map(Letter::id).toList(),
                "notStarted",
                summary.notStarted(),
                "unjudged",
                choice.unjudged());
        if (summary.failed().isEmpty() && summary.notStarted() == 0) {
            return Answer.ok(text, result, withRemark(text));
        }
        Table table = new Table("ID", "COMPONENT", "CODE", "MESSAGE");
        summary.failed()
                .forEach(
                        failed -> table.row(failed.letter().id(), failed.component(), failed.code(), failed.message()));
        Failure failure = interrupted
                ? Failure.failed(
                        "dlq.interrupted",
                        Problem.Owner.USER,
                        "interrupted: " + text,
                        "repeat the replay: what has arrived is not replayed again")
                : Failure.failed(
                        "dlq.failed_again",
                        Problem.Owner.USER,
                        text,
                        "these letters stay; mend what they failed of and replay them again, or discard them");
        return Answer.failed(
                failure, result, table.isEmpty() ? "" : table.render(terminal().width()));
    }

    private static Map<String, @Nullable Object> data(Replay.Failed failed) {
        return Format.map(
                "id",
                failed.letter().id(),
                "component",
                failed.component(),
                "code",
                failed.code(),
                "message",
                failed.message());
    }
}
