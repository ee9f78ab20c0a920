// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.images.Base;
import io.fiso.cli.images.BuiltImage;
import io.fiso.cli.images.DockerProgram;
import io.fiso.cli.images.ImageBuilder;
import io.fiso.cli.images.ImageNames;
import io.fiso.cli.images.Inventory;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Table;
import io.fiso.pipeline.ComponentCatalog;
import io.fiso.pipeline.Descriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Container images of components and of fisoctl. */
final class ImagesCommands {
    /** The command line's own image, in the place of a component's type. */
    private static final String FISOCTL = "fisoctl";

    private ImagesCommands() {}

    static Group group(Host host) {
        return new Group(host, "images", "Container images of components and of fisoctl")
                .verb("build", Build::new)
                .verb("list", Images::new);
    }

    /** Which docker. */
    static final class DockerOption {
        @Option(
                names = "--docker",
                paramLabel = "PROGRAM",
                description = "The docker program (default: DOCKER, else docker in PATH)")
        @Nullable
        String program;

        /** One whose engine answers. */
        DockerProgram require(Host host) throws IOException, InterruptedException {
            DockerProgram docker = new DockerProgram(Optional.ofNullable(program)
                    .or(() -> host.variable("DOCKER"))
                    .orElse("docker"));
            docker.require();
            return docker;
        }
    }

    @Command(name = "list", description = "Fiso's images that are here")
    static final class Images extends Verb {
        @Mixin
        DockerOption docker = new DockerOption();

        Images(Host host) {
            super(host);
        }

        @Override
        Answer answer() throws IOException, InterruptedException {
            List<BuiltImage> images = new Inventory(docker.require(host)).all();
            Table table = new Table("IMAGE", "KIND", "VERSION", "SIZE", "CREATED");
            images.forEach(
                    image -> table.row(image.name(), image.kind(), image.version(), image.size(), image.created()));
            return Answer.ok(
                    PipelineFile.count(images.size(), "image"),
                    Format.map("images", images.stream().map(BuiltImage::data).toList()),
                    images.isEmpty()
                            ? "there are none; \"fisoctl images build\" makes them"
                            : table.render(terminal().width()));
        }
    }

    @Command(name = "build", description = "Build the images of these components (default: of all, and of fisoctl)")
    static final class Build extends Verb {
        @Parameters(
                arity = "0..*",
                paramLabel = "TYPE",
                description = "Types of components, or fisoctl; the runtime that they stand on is always built")
        List<String> types = List.of();

        @Option(
                names = "--prefix",
                defaultValue = "fiso",
                description = "What names begin with: fiso, registry.example.org/fiso (default: fiso)")
        String prefix = "fiso";

        @Option(names = "--tag", paramLabel = "VERSION", description = "The tag (default: fisoctl's version)")
        @Nullable
        String tag;

        @Option(
                names = "--base",
                paramLabel = "IMAGE",
                description = "What the runtime stands on: an image with a GNU C library, or scratch (default:"
                        + " debian:12-slim if it is here or can be pulled, else scratch)")
        @Nullable
        String base;

        @Option(names = "--revision", description = "The revision of the sources, for the labels")
        String revision = "";

        @Mixin
        DockerOption docker = new DockerOption();

        Build(Host host) {
            super(host);
        }

        @Override
        Answer answer() throws IOException, InterruptedException {
            ComponentCatalog catalog = ComponentCatalog.load(PipelineFile.environment(host));
            List<Descriptor> wanted = wanted(catalog.components());
            boolean fisoctl = types.isEmpty() || types.contains(FISOCTL);
            DockerProgram program = docker.require(host);
            Base chosen = Base.choose(program, Optional.ofNullable(base));
            tell("base: " + chosen.image() + " (" + chosen.why() + ")");
            ImageNames names = new ImageNames(prefix, Optional.ofNullable(tag).orElseGet(VersionCommand::version));
            Inventory inventory = new Inventory(program);
            List<BuiltImage> built = new ArrayList<>();
            try (ImageBuilder builder =
                    new ImageBuilder(program, host.fisoHome(), names, revision, catalog.components())) {
                builder.runtime(chosen);
                built.add(told(inventory.image(names.runtime())));
                for (Descriptor component : wanted) {
                    builder.component(component);
                    built.add(told(inventory.image(names.of(component.name()))));
                }
                if (fisoctl) {
                    builder.fisoctl(catalog.components());
                    built.add(told(inventory.image(names.fisoctl())));
                }
            }
            return Answer.ok(
                    PipelineFile.count(built.size(), "image") + " built",
                    Format.map(
                            "base",
                            chosen.image(),
                            "baseReason",
                            chosen.why(),
                            "images",
                            built.stream().map(BuiltImage::data).toList()),
                    "");
        }

        private List<Descriptor> wanted(List<Descriptor> known) {
            if (types.isEmpty()) {
                return known.stream().filter(ImageBuilder::isJava).toList();
            }
            List<Descriptor> wanted = new ArrayList<>();
            for (String type : types.stream().distinct().toList()) {
                if (!type.equals(FISOCTL)) {
                    wanted.add(named(type, known));
                }
            }
            return wanted;
        }

        private static Descriptor named(String type, List<Descriptor> known) {
            List<String> names = known.stream().map(Descriptor::name).toList();
            Descriptor found = known.stream()
                    .filter(d -> d.name().equals(type))
                    .findFirst()
                    .orElseThrow(() -> {
                        List<String> near = Spelling.nearest(type, names);
                        return new CommandException(Failure.invalid(
                                "images.unknown_component",
                                "there is no component \"" + type + "\"",
                                near.isEmpty()
                                        ? "see fisoctl components list"
                                        : "did you mean " + String.join(" or ", near) + "?"));
                    });
            if (!ImageBuilder.isJava(found)) {
                throw new CommandException(
                        Failure.invalid(
                                "images.no_jar",
                                "\"" + type + "\" has no jar \"" + type + ".jar\" beside its component.yaml in "
                                        + found.directory(),
                                "build it first; what is started by a command needs a Dockerfile of its own, see images/custom.Dockerfile"));
            }
            return found;
        }

        /** Results go to stdout as they come; they take a while. */
        private BuiltImage told(BuiltImage image) {
            if (isText()) {
                terminal().out().println(image.name() + "  " + image.size());
                terminal().out().flush();
            }
            return image;
        }

        private void tell(String line) {
            terminal().err().println(line);
        }
    }
}
