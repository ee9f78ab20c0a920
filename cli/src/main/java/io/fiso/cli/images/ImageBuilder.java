// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.images;

import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.pipeline.Descriptor;
import io.fiso.pipeline.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Builds images from a distribution: makes a context for each, and hands it to docker with the Dockerfile that stands in images/. The runtime has to be
 * built first; the trimmed Java that is made for it makes the others' class lists, and is gone when closed.
 */
public final class ImageBuilder implements AutoCloseable {
    private static final Duration BUILD_MAX = Duration.ofMinutes(15);
    private static final String USER = "65532";

    private final DockerProgram docker;
    private final Path home;
    private final ImageNames names;
    private final String revision;
    private final SharedJars jars;
    private final BuildContext runtime;

    /**
     * @param home the distribution
     * @param revision of the sources; may be empty
     * @param components all there are: what they share is in the runtime
     */
    public ImageBuilder(DockerProgram docker, Path home, ImageNames names, String revision, List<Descriptor> components)
            throws IOException {
        this.docker = docker;
        this.home = home.toRealPath();
        this.names = names;
        this.revision = revision;
        this.jars = SharedJars.of(
                this.home,
                components.stream()
                        .filter(ImageBuilder::isJava)
                        .map(ImageBuilder::jar)
                        .toList());
        this.runtime = BuildContext.create();
    }

    /** Only those can be made by themselves; a command needs more than anybody knows of. */
    public static boolean isJava(Descriptor component) {
        return component.start() instanceof Descriptor.Start.Java && Files.isReadable(jar(component));
    }

    private static Path jar(Descriptor component) {
        return component.directory().toAbsolutePath().resolve(component.name() + ".jar");
    }

    /** Builds what all others stand on. */
    public void runtime(Base base) throws IOException, InterruptedException {
        TrimmedJava java =
                TrimmedJava.make(file("modules.txt"), runtime.directory().resolve("java"));
        runtime.directory("system");
        // Looked for on every base: Java would not start on another C library.
        var libraries = java.systemLibraries();
        if (base.isScratch()) {
            for (Path library : libraries) {
                runtime.put(library, "system" + library);
            }
            runtime.write(
                    "system/etc/passwd",
                    "root:x:0:0::/root:/sbin/nologin\nfiso:x:" + USER + ":" + USER + "::/tmp:/sbin/nologin\n");
            runtime.write("system/etc/group", "root:x:0:\nfiso:x:" + USER + ":\n");
            runtime.write("system/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
        }
        for (String jar : jars.shared()) {
            runtime.put(jars.lib().resolve(jar), "shared/opt/fiso/lib/" + jar);
        }
        runtime.link("shared/opt/fiso/health.jar", "lib/" + jars.sdk());
        runtime.put(file("jvm.args"), "jvm.args");
        runtime.put(file("health.args"), "health.args");
        runtime.open();
        if (base.isScratch()) {
            Path tmp = runtime.directory("system/tmp");
            Files.setPosixFilePermissions(tmp, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        build(runtime, names.runtime(), "runtime", Map.of("BASE_IMAGE", base.image()));
    }

    /** Builds a component's, on the runtime. */
    public void component(Descriptor component) throws IOException, InterruptedException {
        String type = component.name();
        try (BuildContext context = BuildContext.create()) {
            context.put(jar(component), "component/" + type + ".jar");
            context.put(component.directory().resolve("component.yaml"), "component/component.yaml");
            context.write("component.args", arguments(component));
            Path list = context.directory().resolve("classes.list");
            try (BuildContext scratch = BuildContext.create()) {
                Path made = scratch.directory().resolve("classes.list");
                ClassList.ofComponent(java(), jar(component), made);
                context.write(list.getFileName().toString(), Files.exists(made) ? Files.readString(made) : "");
            }
            context.put(file("dump.args"), "dump.args");
            context.open();
            Map<String, String> arguments = new TreeMap<>(onRuntime());
            arguments.put("TYPE", type);
            arguments.put("DESCRIPTION", component.description());
            build(context, names.of(type), "component", arguments);
        }
    }

    /** Builds that of fisoctl, on the runtime. */
    public void fisoctl(List<Descriptor> components) throws IOException, InterruptedException {
        try (BuildContext context = BuildContext.create()) {
            for (String jar : jars.rest()) {
                context.put(jars.lib().resolve(jar), "lib/" + jar);
            }
            for (Descriptor component : components) {
                if (component.directory().toRealPath().startsWith(home)) {
                    context.put(
                            component.directory().resolve("component.yaml"),
                            "components/" + component.name() + "/component.yaml");
                }
            }
            try (BuildContext scratch = BuildContext.create()) {
                Path made = scratch.directory().resolve("classes.list");
                ClassList.ofFisoctl(java(), home, made);
                context.write("classes.list", Files.exists(made) ? Files.readString(made) : "");
            }
            context.put(file("fisoctl.args"), "fisoctl.args");
            context.put(file("dump.args"), "dump.args");
            context.open();
            build(context, names.fisoctl(), "fisoctl", onRuntime());
        }
    }

    private TrimmedJava java() {
        return new TrimmedJava(runtime.directory().resolve("java"));
    }

    private Map<String, String> onRuntime() {
        return Map.of("RUNTIME_IMAGE", names.runtime());
    }

    private static String arguments(Descriptor component) {
        List<String> lines = new ArrayList<>();
        if (component.start() instanceof Descriptor.Start.Java(List<String> flags)) {
            lines.addAll(flags);
        }
        lines.add("-XX:SharedArchiveFile=/opt/fiso/component.jsa");
        lines.add("-jar");
        lines.add("/opt/fiso/components/" + component.name() + "/" + component.name() + ".jar");
        return String.join("\n", lines) + "\n";
    }

    private Path file(String name) {
        Path file = home.resolve("images").resolve(name);
        if (!Files.isReadable(file)) {
            throw new CommandException(Failure.environment(
                    "env.incomplete",
                    "\"" + file + "\" is missing",
                    "this distribution is incomplete; build or unpack it again"));
        }
        return file;
    }

    private void build(BuildContext context, String image, String dockerfile, Map<String, String> arguments)
            throws IOException, InterruptedException {
        // No step needs the network, so none gets it.
        List<String> command = new ArrayList<>(List.of("build", "--network", "none", "--tag", image));
        command.addAll(List.of("--file", file(dockerfile + ".Dockerfile").toString()));
        Map<String, String> all = new TreeMap<>(arguments);
        all.put("VERSION", names.tag());
        all.put("REVISION", revision);
        all.forEach((name, value) -> command.addAll(List.of("--build-arg", name + "=" + value)));
        command.add(context.directory().toString());
        DockerProgram.Ended ended = docker.run(command, BUILD_MAX);
        if (!ended.ok()) {
            throw new CommandException(Failure.failed(
                    "images.build_failed",
                    Problem.Owner.EXTERNAL,
                    "building \"" + image + "\" failed with exit code " + ended.code() + ":\n" + ended.lastLines(),
                    "the steps are in " + file(dockerfile + ".Dockerfile")));
        }
    }

    @Override
    public void close() throws IOException {
        runtime.close();
    }
}
