// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.pipeline.CelProcessors;
import io.fiso.pipeline.DataSchemas;
import io.fiso.pipeline.Problem;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.schema.DataSchema;
import io.fiso.transform.EventTransform;
import io.fiso.transform.InvalidExpressionException;
import io.fiso.transform.TransformException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What would the transform make of this event? */
@Command(
        name = "test",
        description = "Apply a file's transform to events, and print what comes out as JSON, one line each",
        footer = {
            "",
            "Where only data is made, the line is the data; where attributes are too, or an event is split, it is the whole CloudEvent.",
            "A transform that fails, that makes what its sink's schema (validate) does not allow, or that gives something else than --expect says, exits 1,",
            "with the reason on stderr."
        })
final class TransformTestCommand extends Verb {
    @Option(names = "--flow", required = true, paramLabel = "FILE", description = "A Pipeline or FlowDefinition")
    @Nullable
    Path flow;

    @Option(
            names = "--input",
            required = true,
            paramLabel = "JSON|FILE",
            description =
                    "An event as JSON text, a file with one, a .jsonl file with one per line, or - for stdin (one per line)")
    String input = "";

    @Option(names = "--all", description = "Every line of the input; without it, the first")
    boolean all;

    @Option(
            names = "--expect",
            paramLabel = "FILE",
            description =
                    "Compare what comes out with this file: its only JSON value, an array of several, or a .jsonl file with one per line")
    @Nullable
    Path expect;

    @Option(
            names = "--component",
            paramLabel = "ID",
            description = "Only this cel-processor (default: all, one after another)")
    @Nullable
    String component;

    TransformTestCommand(Host host) {
        super(host);
    }

    /**
     * A transform on the way.
     *
     * @param gate what arrives must satisfy it
     * @param behind the schemas of the components that take everything that leaves, by their ids
     */
    private record Step(
            String id, EventTransform transform, Optional<DataSchema> gate, Map<String, DataSchema> behind) {}

    @Override
    Answer answer() throws IOException {
        ResolvedPipeline pipeline = PipelineFile.load(host, Objects.requireNonNull(flow), Optional.empty())
                .pipeline();
        Optional<Expectation> expectation = expect == null ? Optional.empty() : Optional.of(Expectation.read(expect));
        List<Step> steps = steps(pipeline);
        List<String> given = inputs();
        List<String> inputs = all ? given : given.subList(0, Math.min(1, given.size()));
        boolean whole = steps.stream().anyMatch(step -> step.transform().changesAttributes());
        Trial trial = new Trial();
        for (int i = 0; i < inputs.size(); i++) {
            trial.of(
                    TrialEvent.of(inputs.get(i), pipeline.name(), i + 1),
                    steps,
                    whole,
                    inputs.size() == 1 ? "" : "event " + (i + 1) + ": ");
        }
        terminal().out().flush();
        List<String> differences =
                expectation.map(e -> e.differences(trial.outputs)).orElse(List.of());
        int left = given.size() - inputs.size();
        if (isText() && left > 0) {
            terminal().err().println(PipelineFile.count(left, "line") + " left out; --all takes them");
        }
        return answer(trial, differences, left);
    }

    private Answer answer(Trial trial, List<String> differences, int left) {
        String summary = PipelineFile.count(trial.transformed, "event") + " transformed, " + trial.failures.size()
                + " failed"
                + (trial.filtered == 0 ? "" : ", " + trial.filtered + " filtered")
                + (left == 0 ? "" : "; " + PipelineFile.count(left, "line") + " left out; --all takes them")
                + (expect == null ? "" : differences.isEmpty() ? "; as expected" : "");
        Map<String, @Nullable Object> result = isText()
                ? Map.of()
                : Format.map(
                        "outputs",
                        trial.outputs.stream().map(Format::parse).toList(),
                        "failures",
                        trial.failures,
                        "filtered",
                        trial.filtered,
                        "differences",
                        differences);
        if (!trial.failures.isEmpty()) {
            return Answer.failed(
                    Failure.failed(TransformException.CODE, Problem.Owner.USER, String.join("\n", trial.failures), ""),
                    result,
                    "");
        }
        if (!differences.isEmpty()) {
            return Answer.failed(
                    Failure.failed(
                            "transform.unexpected",
                            Problem.Owner.USER,
                            "what comes out is not what \"" + expect + "\" says\n" + String.join("\n", differences),
                            ""),
                    result,
                    "");
        }
        return Answer.ok(summary, result, "");
    }

    /** What has become of the events so far. */
    private final class Trial {
        private final List<String> outputs = new ArrayList<>();
        private final List<String> failures = new ArrayList<>();
        private int transformed;
        private int filtered;

        void of(TrialEvent event, List<Step> steps, boolean whole, String where) {
            List<TrialEvent> events = List.of(event);
            try {
                for (Step step : steps) {
                    List<TrialEvent> next = new ArrayList<>();
                    for (TrialEvent one : events) {
                        refuse(step.id(), step.gate(), one);
                        step.transform().apply(one).forEach(output -> next.add(one.with(output)));
                    }
                    events = next;
                }
                for (TrialEvent one : events) {
                    for (Map.Entry<String, DataSchema> sink :
                            steps.getLast().behind().entrySet()) {
                        refuse(sink.getKey(), Optional.of(sink.getValue()), one);
                    }
                }
            } catch (TransformException e) {
                failures.add(where + e.getMessage());
                return;
            }
            if (events.isEmpty()) {
                filtered++;
                if (isText()) {
                    terminal().err().println(where + "filtered");
                }
                return;
            }
            transformed++;
            for (TrialEvent one : events) {
                String output = whole ? one.structured() : new String(one.data(), StandardCharsets.UTF_8);
                outputs.add(output);
                if (isText()) {
                    terminal().out().println(output);
                }
            }
        }
    }

    private static void refuse(String component, Optional<DataSchema> schema, TrialEvent event)
            throws TransformException {
        String violation = schema.map(s -> s.violation(event.data(), 0, event.data().length))
                .orElse(null);
        if (violation != null) {
            throw new TransformException(component + ": " + violation);
        }
    }

    private List<Step> steps(ResolvedPipeline pipeline) {
        List<ResolvedComponent> found = pipeline.components().stream()
                .filter(CelProcessors::isOne)
                .filter(c -> component == null || c.id().equals(component))
                .toList();
        if (found.isEmpty()) {
            throw new CommandException(Failure.invalid(
                    "transform.none",
                    component == null
                            ? "\"" + flow + "\" has no transform"
                            : "\"" + flow + "\" has no cel-processor \"" + component + "\"",
                    "name a file with a cel-processor or, for a FlowDefinition, with transform"));
        }
        boolean chained = found.stream()
                .allMatch(c -> pipeline.edges().stream()
                                        .filter(e -> e.from().equals(c.id()))
                                        .count()
                                <= 1
                        && pipeline.edges().stream()
                                        .filter(e -> e.to().equals(c.id()))
                                        .count()
                                <= 1);
        if (found.size() > 1 && !chained) {
            throw new CommandException(Failure.invalid(
                    "transform.ambiguous",
                    "\"" + flow + "\" has several transforms that are not one after another",
                    "choose one with --component: "
                            + String.join(
                                    ", ",
                                    found.stream().map(ResolvedComponent::id).toList())));
        }
        return found.stream().map(processor -> step(processor, pipeline)).toList();
    }

    private static Step step(ResolvedComponent processor, ResolvedPipeline pipeline) {
        Map<String, DataSchema> behind = new LinkedHashMap<>();
        pipeline.edges().stream()
                .filter(edge ->
                        edge.from().equals(processor.id()) && edge.types().isEmpty())
                .forEach(edge -> DataSchemas.of(pipeline.component(edge.to()))
                        .ifPresent(schema -> behind.put(edge.to(), schema)));
        try {
            return new Step(
                    processor.id(),
                    CelProcessors.transform(processor, InstantSource.system()).orElseThrow(),
                    DataSchemas.of(processor),
                    behind);
        } catch (InvalidExpressionException e) {
            throw new CommandException(Failure.invalid("transform.invalid", String.valueOf(e.getMessage()), ""), e);
        }
    }

    private List<String> inputs() throws IOException {
        if (input.equals("-")) {
            return lines(new String(System.in.readAllBytes(), StandardCharsets.UTF_8));
        }
        boolean inline =
                input.stripLeading().startsWith("{") || input.stripLeading().startsWith("[");
        if (inline) {
            return List.of(input);
        }
        Optional<Path> file = existing(input);
        if (file.isEmpty()) {
            return List.of(input);
        }
        String text = Files.readString(file.get());
        boolean byLine = input.endsWith(".jsonl") || input.endsWith(".ndjson");
        return byLine ? lines(text) : List.of(text.strip());
    }

    private Optional<Path> existing(String name) {
        try {
            Path path = Path.of(name);
            if (Files.isRegularFile(path)) {
                return Optional.of(path);
            }
            if (name.matches(".*\\.(json|jsonl|ndjson)")) {
                throw new CommandException(
                        Failure.invalid("cli.no_file", "there is no file \"" + name + "\"", "check the path"));
            }
            return Optional.empty();
        } catch (java.nio.file.InvalidPathException _) {
            return Optional.empty();
        }
    }

    private static List<String> lines(String text) {
        return text.lines().filter(line -> !line.isBlank()).toList();
    }
}
