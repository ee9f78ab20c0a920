// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Entry;
import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import io.fiso.pipeline.ResolvedComponent.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a file of kind PipelineTest and the pipeline it names, and checks one against the other. Never throws on account of what the texts say. */
public final class PipelineTestCompiler {
    /** The kind of such files. */
    public static final String KIND = "PipelineTest";

    private static final List<String> PIPELINES = List.of("Pipeline", "FlowDefinition");

    private final SourceText source;
    private final ComponentCatalog catalog;
    private final Environment environment;
    private final Problems problems;
    private final List<Problem> ofPipeline = new ArrayList<>();

    private PipelineTestCompiler(SourceText source, ComponentCatalog catalog, Environment environment) {
        this.source = source;
        this.catalog = catalog;
        this.environment = environment;
        this.problems = new Problems(source.file(), source.text());
    }

    /**
     * What became of a test file.
     *
     * @param tests present exactly if there is no error
     * @param problems errors of the file and of the pipeline it names
     */
    public record Result(Optional<PipelineTests> tests, List<Problem> problems) {}

    /**
     * Compiles one test file.
     *
     * @param environment where the pipeline's references look if the file's own {@code env} does not have them
     */
    public static Result compile(SourceText source, ComponentCatalog catalog, Environment environment) {
        var compiler = new PipelineTestCompiler(source, catalog, environment);
        var tests = compiler.compile();
        var found = new ArrayList<>(compiler.problems.sorted());
        found.addAll(compiler.ofPipeline);
        return new Result(found.stream().anyMatch(Problem::isError) ? Optional.empty() : tests, List.copyOf(found));
    }

    /** The JSON Schema (2020-12) of test files. */
    public static String schema() {
        return Schemas.text("pipeline-test.schema.json");
    }

    private Optional<PipelineTests> compile() {
        if (!(YamlReader.read(source, problems).orElse(null) instanceof Mapping document)) {
            if (!problems.hasErrors()) {
                problems.error(
                        "test.not_a_test",
                        Node.Mark.NONE,
                        "a pipeline test is a mapping",
                        "start with: apiVersion: fiso.io/v1alpha1, kind: " + KIND);
            }
            return Optional.empty();
        }
        if (document.get("kind") instanceof Scalar kind && PIPELINES.contains(kind.text())) {
            problems.error(
                    "test.not_a_test",
                    kind.at(),
                    "this is a " + kind.text() + ", and no test of one",
                    "name its test file, or the directory where that is");
            return Optional.empty();
        }
        new SchemaCheck(Schemas.pipelineTest(), problems, false).check(document, Schemas.pipelineTest(), "a " + KIND);
        var compiled = pipeline(document);
        if (compiled.isEmpty()) {
            return Optional.empty();
        }
        var pipeline = compiled.get().pipeline();
        var tests = new ArrayList<PipelineTest>();
        var reader = new PipelineTestReader(pipeline, problems, timeout(document));
        if (document.get("tests") instanceof Sequence list) {
            for (var item : list.items()) {
                // What the schema has objected to is not looked at again.
                if (item instanceof Mapping test) {
                    crossCheck(test, pipeline);
                }
            }
            unique(list);
            if (!problems.hasErrors()) {
                list.items().forEach(item -> tests.add(reader.read((Mapping) item)));
            }
        }
        return Optional.of(new PipelineTests(source.file(), compiled.get().source(), pipeline, tests));
    }

    private static @Nullable Scalar timeout(Mapping owner) {
        return owner.get("timeout") instanceof Scalar scalar ? scalar : null;
    }

    // --- the pipeline

    private record Compiled(SourceText source, ResolvedPipeline pipeline) {}

    private Optional<Compiled> pipeline(Mapping document) {
        if (!(document.get("pipeline") instanceof Scalar named)
                || !(named.value() instanceof String)
                || named.text().isBlank()) {
            return Optional.empty();
        }
        try {
            var file = source.directory().resolve(named.text()).normalize();
            if (!Files.isRegularFile(file)) {
                problems.error(
                        "test.no_pipeline",
                        named.at(),
                        "there is no file \"" + named.text() + "\" beside this one",
                        SchemaCheck.didYouMean(named.text(), siblings(file)));
                return Optional.empty();
            }
            var text = SourceText.read(shown(file));
            var compilation = PipelineCompiler.compile(
                    text, catalog, environment(document), new PipelineCompiler.Options(Optional.of("process"), true));
            compilation.errors().forEach(problem -> ofPipeline.add(withEnv(problem)));
            return compilation.pipeline().map(pipeline -> new Compiled(text, pipeline));
        } catch (IOException | InvalidPathException e) {
            problems.error(
                    "test.no_pipeline",
                    named.at(),
                    "\"" + named.text() + "\" cannot be read: " + e.getMessage(),
                    "check the path");
            return Optional.empty();
        }
    }

    /** As the user would name it from where the test file was named. */
    private Path shown(Path file) {
        var beside = Path.of(source.file()).getParent();
        var name = Path.of(source.directory().toString()).relativize(file);
        return beside == null ? name : beside.resolve(name).normalize();
    }

    private static List<String> siblings(Path file) throws IOException {
        var directory = file.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            return List.of();
        }
        try (var files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(name -> name.matches(".*\\.ya?ml") && !name.matches(".*\\.test\\.ya?ml"))
                    .sorted()
                    .toList();
        }
    }

    /** What the file's {@code env} says goes first. A secret whose file is not on this machine is a text of no value: no test may need the real one. */
    private Environment environment(Mapping document) {
        Map<String, String> own = new HashMap<>();
        if (document.get("env") instanceof Mapping variables) {
            variables.entries().forEach(e -> {
                if (e.value() instanceof Scalar value) {
                    own.put(e.key().text(), value.text());
                }
            });
        }
        return new Environment() {
            @Override
            public Optional<String> variable(String name) {
                return Optional.ofNullable(own.get(name)).or(() -> environment.variable(name));
            }

            @Override
            public String readFile(Path file) throws IOException {
                return Files.exists(file) ? environment.readFile(file) : "no-secret-in-tests";
            }
        };
    }

    private Problem withEnv(Problem problem) {
        return problem.code().equals("config.unset_variable")
                ? new Problem(
                        problem.severity(),
                        problem.code(),
                        problem.owner(),
                        problem.place(),
                        problem.message(),
                        "give it a value for tests under env: in " + source.file())
                : problem;
    }

    // --- one against the other

    private void crossCheck(Mapping test, ResolvedPipeline pipeline) {
        if (test.entry("given") instanceof Entry entry && entry.value() instanceof Mapping given) {
            given.entries().forEach(e -> known(e, pipeline, Kind.SOURCE));
            for (var id : ids(pipeline, Kind.SOURCE)) {
                if (!given.has(id)) {
                    problems.error(
                            "test.source_without_events",
                            entry.key().at(),
                            "the source \"" + id + "\" is given nothing, and a test starts no real source",
                            "say what it emits, or write " + id + ": [] if it emits nothing");
                }
            }
        }
        if (test.get("stubs") instanceof Mapping stubs) {
            stubs.entries().forEach(e -> stub(e, pipeline));
        }
        if (test.get("expect") instanceof Mapping expect) {
            expect.entries().forEach(e -> known(e, pipeline, Kind.SINK));
        }
    }

    private void stub(Entry entry, ResolvedPipeline pipeline) {
        var id = entry.key().text();
        if (ids(pipeline, Kind.SOURCE).contains(id)) {
            problems.error(
                    "test.source_as_stub",
                    entry.key().at(),
                    "the source \"" + id + "\" is a stub in every test",
                    "say under given what it emits");
        } else if (ids(pipeline, Kind.SINK).contains(id)) {
            for (var key : List.of("pass", "emit")) {
                if (entry.value() instanceof Mapping stub && stub.entry(key) instanceof Entry wrong) {
                    problems.error(
                            "test.sink_emits",
                            wrong.key().at(),
                            "the sink \"" + id + "\" cannot " + key + ": nothing comes after it",
                            "a sink collects what arrives in every test; only fail changes that");
                }
            }
        } else {
            known(entry, pipeline, Kind.PROCESSOR, Kind.SINK);
        }
    }

    private void known(Entry entry, ResolvedPipeline pipeline, Kind... kinds) {
        var id = entry.key().text();
        var known = new ArrayList<String>();
        for (var kind : kinds) {
            known.addAll(ids(pipeline, kind));
        }
        if (known.contains(id)) {
            return;
        }
        var what = kinds.length == 1 ? ComponentResolver.label(kinds[0]) : "processor or sink";
        var hint = SchemaCheck.didYouMean(id, known);
        problems.error(
                "test.unknown_component",
                entry.key().at(),
                "the pipeline \"" + pipeline.name() + "\" has no " + what + " \"" + id + "\"",
                hint.isEmpty() ? "it has " + String.join(", ", known) : hint);
    }

    private static List<String> ids(ResolvedPipeline pipeline, Kind kind) {
        return pipeline.components().stream()
                .filter(c -> c.kind() == kind)
                .map(ResolvedComponent::id)
                .toList();
    }

    private void unique(Sequence tests) {
        Map<String, Integer> lines = new HashMap<>();
        for (var item : tests.items()) {
            if (item instanceof Mapping test && test.get("name") instanceof Scalar name) {
                var first = lines.putIfAbsent(name.text(), name.at().line());
                if (first != null) {
                    problems.error(
                            "test.duplicate_name",
                            name.at(),
                            "the test in line " + first + " has this name already",
                            "say in what they differ");
                }
            }
        }
    }
}
