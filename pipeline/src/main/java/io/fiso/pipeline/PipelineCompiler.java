// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Documents.Shape;
import io.fiso.pipeline.Node.Entry;
import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Mark;
import io.fiso.pipeline.Node.Scalar;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** From text to a graph: parse, validate, resolve. Pure but for {@link Environment}; never throws on account of what the text says. */
public final class PipelineCompiler {
    private static final List<String> DRIVERS = List.of("process", "docker", "kubernetes");

    private final SourceText source;
    private final ComponentCatalog catalog;
    private final Options options;
    private final Problems problems;
    private final References references;

    private PipelineCompiler(SourceText source, ComponentCatalog catalog, Environment environment, Options options) {
        this.source = source;
        this.catalog = catalog;
        this.options = options;
        this.problems = new Problems(source.file(), source.text());
        this.references = new References(source.directory(), environment, problems);
    }

    /**
     * How to compile.
     *
     * @param driver wins over the document's {@code spec.driver}
     * @param withoutBroker whether durable inputs are taken as direct ones
     */
    public record Options(Optional<String> driver, boolean withoutBroker) {
        public static final Options DEFAULT = new Options(Optional.empty());

        public Options(Optional<String> driver) {
            this(driver, false);
        }
    }

    /** Compiles one document of kind Pipeline or FlowDefinition. */
    public static Compilation compile(
            SourceText given, ComponentCatalog catalog, Environment environment, Options options) {
        var source = given.text().startsWith("\uFEFF")
                ? new SourceText(given.file(), given.text().substring(1), given.directory())
                : given;
        var compiler = new PipelineCompiler(source, catalog, environment, options);
        var pipeline = compiler.compile();
        var problems = compiler.problems.sorted();
        return new Compilation(problems.stream().anyMatch(Problem::isError) ? Optional.empty() : pipeline, problems);
    }

    /** The JSON Schema (2020-12) of pipeline documents. */
    public static String schema() {
        return Schemas.text("pipeline.schema.json");
    }

    private Optional<ResolvedPipeline> compile() {
        var root = YamlReader.read(source, problems);
        if (root.isEmpty()) {
            return Optional.empty();
        }
        if (!(root.get() instanceof Mapping document)) {
            problems.error(
                    "config.wrong_type",
                    root.get().at(),
                    "a pipeline is a mapping, found " + Node.describe(root.get()),
                    "start with: apiVersion: fiso.io/v1alpha1, kind: Pipeline");
            return Optional.empty();
        }
        var documents = new Documents(problems);
        return documents.shape(document).flatMap(shape -> compile(documents, document, shape));
    }

    private Optional<ResolvedPipeline> compile(Documents documents, Mapping document, Shape shape) {
        var resolved = (Mapping) references.resolve(documents.prepare(document, shape));
        var schema = Schemas.pipeline();
        new SchemaCheck(schema, problems, false).check(resolved, reference(schema, shape), subject(shape));
        var pipeline = documents.toPipeline(resolved, shape);
        var spec = pipeline.get("spec") instanceof Mapping given ? given : Mapping.of(pipeline.at(), List.of());
        return build(pipeline, spec);
    }

    private static JsonNode reference(JsonNode schema, Shape shape) {
        return schema.at(shape.reference.substring(1));
    }

    private static String subject(Shape shape) {
        return shape == Shape.PIPELINE ? "a Pipeline" : "a FlowDefinition";
    }

    private Optional<ResolvedPipeline> build(Mapping pipeline, Mapping spec) {
        var driver = driver(spec);
        Settings.check(spec, problems);
        FailurePolicy.check(spec, problems);
        kubernetesOnly(pipeline, driver);
        var graph = Graph.of(spec, problems);
        if (!options.withoutBroker()) {
            DurableInputs.expand(graph, name(pipeline), driver, problems);
        }
        var resolver = new ComponentResolver(spec, catalog, references, source.directory(), driver, problems);
        graph.nameless().forEach(resolver::check);
        var checked = graph.ordered().stream().map(resolver::check).toList();
        var name = name(pipeline);
        if (problems.hasErrors() || name.isEmpty()) {
            return Optional.empty();
        }
        var edges = graph.edges();
        var components = checked.stream()
                .map(c -> resolver.complete(c, name, new Settings(spec, c.node()), edges))
                .toList();
        if (problems.hasErrors()) {
            return Optional.empty();
        }
        var drain = new Settings(spec, null).drainTimeout();
        var print = fingerprint(name + driver + components + edges + drain);
        return Optional.of(new ResolvedPipeline(name, driver, components, edges, graph.durable(), drain, print));
    }

    /** Empty if there is none, and then there is a problem that says so. */
    private static String name(Mapping pipeline) {
        return pipeline.get("metadata") instanceof Mapping metadata && metadata.get("name") instanceof Scalar name
                ? name.text()
                : "";
    }

    private String driver(Mapping spec) {
        if (options.driver().isPresent()) {
            var wanted = options.driver().get();
            if (!DRIVERS.contains(wanted)) {
                problems.error(
                        "pipeline.unknown_driver",
                        Mark.NONE,
                        "there is no driver \"" + wanted + "\"",
                        "use one of " + String.join(", ", DRIVERS));
            }
            return wanted;
        }
        return spec.get("driver") instanceof Scalar given && given.value() instanceof String ? given.text() : "process";
    }

    private void kubernetesOnly(Mapping pipeline, String driver) {
        if (driver.equals("kubernetes") || !(pipeline.get("metadata") instanceof Mapping metadata)) {
            return;
        }
        for (var key : List.of("namespace", "labels", "annotations")) {
            if (metadata.entry(key) instanceof Entry entry) {
                problems.warning(
                        "pipeline.no_effect",
                        entry.key().at(),
                        "\"" + key + "\" has no effect under the " + driver + " driver",
                        "");
            }
        }
    }

    private static String fingerprint(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
