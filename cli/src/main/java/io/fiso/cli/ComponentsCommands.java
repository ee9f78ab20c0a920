// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Table;
import io.fiso.pipeline.ComponentCatalog;
import io.fiso.pipeline.Descriptor;
import io.fiso.pipeline.ResolvedComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The components there are. */
final class ComponentsCommands {
    private ComponentsCommands() {}

    static Group group(Host host) {
        return new Group(host, "components", "The components a pipeline can use")
                .verb("list", Components::new)
                .verb("find", Find::new)
                .verb("show", Show::new);
    }

    private static ComponentCatalog catalog(Host host) {
        return ComponentCatalog.load(PipelineFile.environment(host));
    }

    private static String kind(Descriptor descriptor) {
        return descriptor.kind().name().toLowerCase(Locale.ROOT);
    }

    private static Map<String, @Nullable Object> data(Descriptor d) {
        return Format.map(
                "name",
                d.name(),
                "kind",
                kind(d),
                "description",
                d.description(),
                "version",
                d.version(),
                "aliases",
                d.aliases(),
                "eventsIn",
                d.eventsIn(),
                "eventsOut",
                d.eventsOut(),
                "capabilities",
                Format.map(
                        "rawRecords",
                        d.capabilities().rawRecords(),
                        "bounded",
                        d.capabilities().bounded(),
                        "checkpoint",
                        d.capabilities().checkpoint(),
                        "replicas",
                        d.capabilities().replicas()),
                "directory",
                d.directory().toString());
    }

    private static Answer answer(Verb verb, List<Descriptor> found, ComponentCatalog catalog) {
        Table table = new Table("NAME", "KIND", "ALSO", "DESCRIPTION");
        found.forEach(d -> table.row(d.name(), kind(d), String.join(", ", d.aliases()), d.description()));
        StringBuilder text = new StringBuilder(
                table.isEmpty()
                        ? "no such component"
                        : table.render(verb.terminal().width()));
        catalog.problems().forEach(problem -> text.append("\n\n").append(problem.render()));
        return Answer.ok(
                PipelineFile.count(found.size(), "component"),
                Format.map(
                        "components",
                        found.stream().map(ComponentsCommands::data).toList(),
                        "problems",
                        catalog.problems().stream().map(Failure::data).toList()),
                text.toString());
    }

    @Command(name = "list", description = "Every component")
    static final class Components extends Verb {
        @Option(names = "--kind", description = "Only these: source, processor, sink or service")
        @Nullable
        String kind;

        Components(Host host) {
            super(host);
        }

        @Override
        Answer answer() {
            ComponentCatalog catalog = catalog(host);
            if (kind != null && parse(kind) == null) {
                throw new CommandException(Failure.invalid(
                        "cli.usage",
                        "\"" + kind + "\" is no kind of component",
                        "use source, processor, sink or service"));
            }
            List<Descriptor> found = catalog.components().stream()
                    .filter(d -> kind == null || d.kind() == parse(kind))
                    .toList();
            return ComponentsCommands.answer(this, found, catalog);
        }

        private static ResolvedComponent.@Nullable Kind parse(String kind) {
            for (ResolvedComponent.Kind known : ResolvedComponent.Kind.values()) {
                if (known.name().equalsIgnoreCase(kind)) {
                    return known;
                }
            }
            return null;
        }
    }

    @Command(
            name = "find",
            description = "Components whose name, alias, description or settings mention all of these words")
    static final class Find extends Verb {
        @Parameters(arity = "1..*", paramLabel = "WORD", description = "What to look for")
        List<String> words = List.of();

        Find(Host host) {
            super(host);
        }

        @Override
        Answer answer() {
            ComponentCatalog catalog = catalog(host);
            List<Descriptor> found = catalog.components().stream()
                    .filter(d -> words.stream().allMatch(word -> mentions(d, word.toLowerCase(Locale.ROOT))))
                    .toList();
            return ComponentsCommands.answer(this, found, catalog);
        }

        private static boolean mentions(Descriptor d, String word) {
            String text = String.join(
                    " ",
                    d.name(),
                    kind(d),
                    d.description(),
                    String.join(" ", d.aliases()),
                    String.join(" ", d.eventsIn()),
                    String.join(" ", d.eventsOut()),
                    String.join(" ", d.configSchema().path("properties").propertyNames()));
            return text.toLowerCase(Locale.ROOT).contains(word);
        }
    }

    @Command(name = "show", description = "One component and every setting it takes")
    static final class Show extends Verb {
        @Parameters(paramLabel = "NAME", description = "The component's name or alias")
        @Nullable
        String name;

        Show(Host host) {
            super(host);
        }

        @Override
        Answer answer() {
            ComponentCatalog catalog = catalog(host);
            String wanted = Objects.requireNonNull(name);
            Descriptor found = catalog.components().stream()
                    .filter(d -> d.name().equals(wanted))
                    .findFirst()
                    .or(() -> catalog.components().stream()
                            .filter(d -> d.aliases().contains(wanted))
                            .findFirst())
                    .orElseThrow(() -> unknown(wanted, catalog));
            Map<String, @Nullable Object> data = data(found);
            data.put("configSchema", Format.parse(found.configSchema().toString()));
            return Answer.ok(found.name() + ": " + found.description(), data, text(found));
        }

        private static CommandException unknown(String wanted, ComponentCatalog catalog) {
            List<String> nearest = Spelling.nearest(
                    wanted, catalog.components().stream().map(Descriptor::name).toList());
            return new CommandException(Failure.invalid(
                    "component.unknown",
                    "there is no component \"" + wanted + "\"",
                    nearest.isEmpty()
                            ? "\"fisoctl components list\" shows the components there are"
                            : "did you mean " + String.join(" or ", nearest) + "?"));
        }

        private String text(Descriptor d) {
            List<String> lines = new ArrayList<>();
            lines.add(terminal().style().bold(d.name()) + "  " + kind(d) + ", version " + d.version());
            lines.add(d.description());
            lines.add("");
            JsonNode properties = d.configSchema().path("properties");
            List<String> required = new ArrayList<>();
            d.configSchema().path("required").forEach(r -> required.add(r.asString()));
            if (properties.isEmpty()) {
                lines.add("It takes no settings.");
            } else {
                Table table = new Table("SETTING", "TYPE", "DEFAULT", "WHAT IT DOES");
                properties
                        .properties()
                        .forEach(p -> table.row(
                                p.getKey(),
                                type(p.getValue()),
                                required.contains(p.getKey())
                                        ? "(required)"
                                        : p.getValue().has("default")
                                                ? p.getValue().get("default").asString()
                                                : "",
                                p.getValue().path("description").asString("")));
                lines.add(table.render(terminal().width()));
            }
            lines.add("");
            lines.add("from " + d.directory());
            return String.join("\n", lines);
        }

        private static String type(JsonNode property) {
            if (property.has("enum")) {
                List<String> values = new ArrayList<>();
                property.get("enum").forEach(v -> values.add(v.asString()));
                return String.join("|", values);
            }
            JsonNode type = property.path("type");
            if (type.isArray()) {
                List<String> types = new ArrayList<>();
                type.forEach(t -> types.add(t.asString()));
                return String.join("|", types);
            }
            return type.asString("any");
        }
    }
}
