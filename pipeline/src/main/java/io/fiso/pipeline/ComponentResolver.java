// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Graph.Draft;
import io.fiso.pipeline.Node.Entry;
import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import io.fiso.pipeline.ResolvedComponent.Kind;
import io.fiso.pipeline.ResolvedComponent.Launch;
import io.fiso.pipeline.ResolvedPipeline.Edge;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Checks one component against its descriptor, and fills in everything that it does not say. */
final class ComponentResolver {
    /** A shorter text would be masked where it is none of ours. */
    private static final int SHORTEST_SECRET = 4;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Mapping spec;
    private final ComponentCatalog catalog;
    private final References references;
    private final Path directory;
    private final String driver;
    private final Problems problems;
    private final DataSchemas dataSchemas;

    ComponentResolver(
            Mapping spec,
            ComponentCatalog catalog,
            References references,
            Path directory,
            String driver,
            Problems problems) {
        this.spec = spec;
        this.catalog = catalog;
        this.references = references;
        this.directory = directory;
        this.driver = driver;
        this.problems = problems;
        this.dataSchemas = new DataSchemas(directory, references, problems);
    }

    /** A checked component, to be completed once the whole document is known to be right. */
    record Checked(
            Draft draft,
            Mapping node,
            Optional<Descriptor> descriptor,
            Mapping config,
            SchemaCheck check,
            Optional<Node> dataSchema) {}

    Checked check(Draft draft) {
        var node = overlaid(draft.node());
        Settings.check(node, problems);
        var descriptor = descriptor(draft, node);
        launchable(node);
        var config = node.get("config") instanceof Mapping given ? given : Mapping.of(draft.at(), List.of());
        var schema = descriptor.map(Descriptor::configSchema).orElse(JSON.objectNode());
        var check = new SchemaCheck(schema, problems, !driver.equals("process"));
        var place = node.entry("config") instanceof Entry entry ? entry.key().at() : draft.at();
        if (descriptor.isPresent()
                && !(node.get("config") instanceof Scalar scalar && !scalar.isNull())
                && !(node.get("config") instanceof Sequence)) {
            check.check(config, schema, node.has("config") ? "config" : draft.id(), place);
        }
        replicas(draft, node, descriptor);
        FailurePolicy.check(spec, node, draft.kind(), problems);
        noEffect(node);
        return new Checked(draft, node, descriptor, config, check, dataSchemas.check(node));
    }

    // --- overlays

    private Mapping overlaid(Mapping node) {
        if (!(node.get("drivers") instanceof Mapping drivers) || !(drivers.get(driver) instanceof Mapping overlay)) {
            return node;
        }
        var result = node;
        for (var entry : overlay.entries()) {
            var key = entry.key().text();
            if (Set.of("command", "image").contains(key)) {
                result = result.without("type").without("command").without("image");
            }
            result = result.with(
                    key,
                    result.get(key) instanceof Mapping base && entry.value() instanceof Mapping more
                            ? merged(base, more)
                            : entry.value());
        }
        return result;
    }

    private static Mapping merged(Mapping base, Mapping overlay) {
        var result = base;
        for (var entry : overlay.entries()) {
            var key = entry.key().text();
            if (!result.has(key)) {
                var longer = new ArrayList<>(result.entries());
                longer.add(entry);
                result = Mapping.of(base.at(), longer);
            } else {
                result = result.with(
                        key,
                        result.get(key) instanceof Mapping inner && entry.value() instanceof Mapping more
                                ? merged(inner, more)
                                : entry.value());
            }
        }
        return result;
    }

    // --- checks

    private Optional<Descriptor> descriptor(Draft draft, Mapping node) {
        if (!(node.get("type") instanceof Scalar type) || !(type.value() instanceof String)) {
            return Optional.empty();
        }
        var found = catalog.find(type.text(), draft.kind());
        var kind = label(draft.kind());
        if (found.isEmpty()) {
            var names = catalog.components().stream()
                    .filter(d -> d.kind() == draft.kind())
                    .flatMap(d ->
                            java.util.stream.Stream.concat(java.util.stream.Stream.of(d.name()), d.aliases().stream()))
                    .toList();
            var hint = SchemaCheck.didYouMean(type.text(), names);
            problems.error(
                    "pipeline.unknown_type",
                    type.at(),
                    "there is no " + kind + " of type " + Node.describe(type),
                    !hint.isEmpty()
                            ? hint
                            : names.isEmpty()
                                    ? "no " + kind + " is installed: FISO_HOME or FISO_COMPONENT_PATH must lead to one"
                                    : "there are "
                                            + String.join(
                                                    ", ",
                                                    catalog.components().stream()
                                                            .filter(d -> d.kind() == draft.kind())
                                                            .map(Descriptor::name)
                                                            .toList()));
        } else if (found.get().kind() != draft.kind()) {
            problems.error(
                    "pipeline.wrong_kind",
                    type.at(),
                    "\"" + type.written() + "\" is a " + label(found.get().kind()) + ", and stands among the " + kind
                            + "s",
                    "move it to " + label(found.get().kind()) + "s, or choose a " + kind);
            return Optional.empty();
        }
        return found;
    }

    private void launchable(Mapping node) {
        if (driver.equals("process") && node.entry("image") instanceof Entry image) {
            problems.error(
                    "pipeline.driver_cannot",
                    image.key().at(),
                    "the process driver cannot run an image",
                    "use type or command, or another driver");
        }
        for (var only : List.of("image")) {
            if (node.has(only) && node.has("type")) {
                problems.error(
                        "config.conflict",
                        node.at(),
                        "\"type\" and \"" + only + "\" exclude each other",
                        "keep one of them");
            }
        }
    }

    private void replicas(Draft draft, Mapping node, Optional<Descriptor> descriptor) {
        if (node.get("replicas") instanceof Scalar count
                && count.value() instanceof Long n
                && n > 1
                && descriptor.isPresent()
                && !descriptor.get().capabilities().replicas()) {
            problems.error(
                    "pipeline.replicas_unsupported",
                    count.at(),
                    "a " + descriptor.get().name() + " can run once only, \"" + draft.id() + "\" asks for " + n,
                    "remove replicas");
        }
    }

    private void noEffect(Mapping node) {
        if (driver.equals("process") && node.entry("resources") instanceof Entry entry) {
            problems.warning(
                    "pipeline.no_effect", entry.key().at(), "\"resources\" has no effect under the process driver", "");
        }
    }

    // --- completion

    ResolvedComponent complete(Checked checked, String pipeline, Settings settings, List<Edge> edges) {
        var draft = checked.draft();
        var node = checked.node();
        var env = new LinkedHashMap<String, String>();
        var secrets = new LinkedHashSet<String>();
        if (node.get("env") instanceof Mapping given) {
            given.entries().forEach(e -> {
                if (e.value() instanceof Scalar scalar) {
                    env.put(e.key().text(), scalar.text());
                    remember(scalar, secrets);
                }
            });
        }
        if (node.get("secrets") instanceof Mapping given) {
            given.entries().forEach(e -> {
                if (e.value() instanceof Mapping reference) {
                    var secret = references.read(reference, e.key().text());
                    env.put(e.key().text(), secret.text());
                    remember(secret, secrets);
                }
            });
        }
        checked.check().secrets().forEach(s -> remember(s, secrets));
        secretsIn(checked.config(), secrets);
        return new ResolvedComponent(
                draft.id(),
                draft.kind(),
                checked.descriptor().map(Descriptor::name),
                launch(checked),
                runtimeConfig(checked, pipeline, settings, edges, false).toString(),
                runtimeConfig(checked, pipeline, settings, edges, true).toString(),
                java.util.Collections.unmodifiableMap(env),
                List.copyOf(secrets),
                settings.replicas(),
                settings.restart(),
                settings.resources(),
                settings.stallTimeout(),
                settings.stateVolume());
    }

    private static void secretsIn(Node node, Set<String> secrets) {
        switch (node) {
            case Scalar scalar when scalar.secret() -> remember(scalar, secrets);
            case Scalar _ -> {}
            case Sequence sequence -> sequence.items().forEach(i -> secretsIn(i, secrets));
            case Mapping mapping -> mapping.entries().forEach(e -> secretsIn(e.value(), secrets));
        }
    }

    private static void remember(Scalar scalar, Set<String> secrets) {
        if (scalar.value() instanceof String && scalar.text().length() >= SHORTEST_SECRET) {
            secrets.add(scalar.text());
        }
    }

    /** Relative paths start at the pipeline file, as its commands do. Inside a container they mean the container's own files. */
    private Map<Scalar, Path> paths(SchemaCheck check) {
        var paths = new IdentityHashMap<Scalar, Path>();
        if (driver.equals("process")) {
            check.paths()
                    .forEach(path -> paths.put(
                            path,
                            directory.resolve(path.text()).toAbsolutePath().normalize()));
        }
        return paths;
    }

    private ObjectNode runtimeConfig(
            Checked checked, String pipeline, Settings settings, List<Edge> edges, boolean shown) {
        var id = checked.draft().id();
        var kind = checked.draft().kind();
        var view =
                new JsonView(checked.check().secrets(), checked.check().expressions(), paths(checked.check()), shown);
        var config = (ObjectNode) view.of(checked.config());
        checked.descriptor().ifPresent(d -> JsonView.addDefaults(config, d.configSchema()));
        var document = JSON.objectNode();
        document.put("kind", label(kind));
        checked.descriptor().ifPresent(d -> document.put("type", d.name()));
        document.set("config", config);
        document.set("errorHandling", settings.errorHandling(pipeline, kind));
        document.put("ordering", settings.ordering());
        if (kind != Kind.SOURCE) {
            document.set("parallelism", settings.parallelism(kind));
        }
        settings.deduplicationWindow()
                .ifPresent(window -> document.putObject("deduplicate").put("window", window));
        checked.dataSchema()
                .ifPresent(schema -> document.putObject("validate").set("jsonSchema", DataSchemas.json(schema, shown)));
        document.set("limits", settings.limits());
        var inputs = document.putArray("inputs");
        edges.stream().filter(e -> e.to().equals(id)).forEach(e -> inputs.add(e.name()));
        var outputs = document.putArray("outputs");
        edges.stream().filter(e -> e.from().equals(id)).forEach(e -> {
            var output = outputs.addObject().put("edge", e.name());
            var types = output.putArray("types");
            e.types().forEach(types::add);
            var reached = output.putArray("leadsTo");
            Graph.reachable(e.to(), edges).forEach(reached::add);
        });
        return document;
    }

    private Launch launch(Checked checked) {
        var node = checked.node();
        var args = texts(node.get("args"));
        if (checked.descriptor().isPresent()) {
            var descriptor = checked.descriptor().get();
            return switch (descriptor.start()) {
                case Descriptor.Start.Java java ->
                    new Launch.Java(descriptor.directory().resolve(descriptor.name() + ".jar"), java.jvmArgs(), args);
                case Descriptor.Start.Command command ->
                    new Launch.Command(joined(command.argv(), args), descriptor.directory());
            };
        }
        if (node.get("image") instanceof Scalar image) {
            return new Launch.Image(image.text(), args);
        }
        return new Launch.Command(joined(texts(node.get("command")), args), directory);
    }

    private static List<String> joined(List<String> first, List<String> second) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }

    private static List<String> texts(@Nullable Node node) {
        return node instanceof Sequence sequence
                ? sequence.items().stream()
                        .filter(Scalar.class::isInstance)
                        .map(s -> ((Scalar) s).text())
                        .toList()
                : List.of();
    }

    static String label(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
