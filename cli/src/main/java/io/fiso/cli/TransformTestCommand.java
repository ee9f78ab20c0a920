// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.pipeline.Problem;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedPipeline;
import io.fiso.transform.InvalidExpressionException;
import io.fiso.transform.Limits;
import io.fiso.transform.Transform;
import io.fiso.transform.TransformException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What would the transform make of this event? */
@Command(
        name = "test",
        description = "Apply a file's transform to events, and print the output data as JSON, one line each",
        footer = {"", "A transform that fails exits 1, with the reason on stderr and nothing on stdout."})
final class TransformTestCommand extends Verb {
    private static final String CEL_PROCESSOR = "cel-processor";

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

    @Option(
            names = "--component",
            paramLabel = "ID",
            description = "Only this cel-processor (default: all, one after another)")
    @Nullable
    String component;

    TransformTestCommand(Host host) {
        super(host);
    }

    private record Step(String id, Transform transform) {}

    @Override
    Answer answer() throws IOException {
        ResolvedPipeline pipeline = PipelineFile.load(host, Objects.requireNonNull(flow), Optional.empty())
                .pipeline();
        List<Step> steps = steps(pipeline);
        List<String> inputs = inputs();
        List<String> outputs = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            String where = inputs.size() == 1 ? "" : "event " + (i + 1) + ": ";
            TrialEvent event = TrialEvent.of(inputs.get(i), pipeline.name(), i + 1);
            try {
                for (Step step : steps) {
                    event = event.withData(step.transform().apply(event));
                }
                String output = new String(event.data(), StandardCharsets.UTF_8);
                outputs.add(output);
                if (isText()) {
                    terminal().out().println(output);
                }
            } catch (TransformException e) {
                failures.add(where + e.getMessage());
            }
        }
        terminal().out().flush();
        String summary = PipelineFile.count(outputs.size(), "event") + " transformed, " + failures.size() + " failed";
        Map<String, @Nullable Object> result = isText()
                ? Map.of()
                : Format.map("outputs", outputs.stream().map(Format::parse).toList(), "failures", failures);
        if (!failures.isEmpty()) {
            return Answer.failed(
                    Failure.failed(TransformException.CODE, Problem.Owner.USER, String.join("\n", failures), ""),
                    result,
                    "");
        }
        return Answer.ok(summary, result, "");
    }

    private List<Step> steps(ResolvedPipeline pipeline) {
        List<ResolvedComponent> found = pipeline.components().stream()
                .filter(c -> c.type().filter(CEL_PROCESSOR::equals).isPresent())
                .filter(c -> component == null || c.id().equals(component))
                .toList();
        if (found.isEmpty()) {
            throw new CommandException(Failure.invalid(
                    "transform.none",
                    component == null
                            ? "\"" + flow + "\" has no transform"
                            : "\"" + flow + "\" has no cel-processor \"" + component + "\"",
                    "name a file with a cel-processor or, for a FlowDefinition, with transform.fields"));
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
        return found.stream().map(this::step).toList();
    }

    private Step step(ResolvedComponent processor) {
        JsonNode config =
                JsonMapper.builder().build().readTree(processor.runtimeConfig()).path("config");
        Map<String, String> fields = new LinkedHashMap<>();
        config.path("fields")
                .properties()
                .forEach(f -> fields.put(f.getKey(), f.getValue().asString()));
        Limits limits = Limits.DEFAULT;
        if (config.has("timeout")) {
            limits = limits.withTimeout(
                    new Durations().convert(config.get("timeout").asString()));
        }
        if (config.has("maxOutputBytes")) {
            limits = limits.withMaxOutputBytes(config.get("maxOutputBytes").asInt());
        }
        try {
            return new Step(processor.id(), Transform.compile(fields, limits));
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
