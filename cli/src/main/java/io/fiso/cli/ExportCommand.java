// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.driver.DriverException;
import io.fiso.driver.kubernetes.KubernetesDriver;
import io.fiso.driver.kubernetes.ManifestOptions;
import io.fiso.driver.kubernetes.ManifestOptions.Secrets;
import io.fiso.driver.kubernetes.Manifests;
import io.fiso.pipeline.SourceText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A pipeline in the words of another system. */
@Command(
        name = "export",
        description = "Print a pipeline as Kubernetes manifests: what that driver makes of it. Reaches no cluster")
final class ExportCommand extends Verb {
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final String RUN = "exported";

    @Parameters(paramLabel = "FILE", description = "A pipeline file")
    @Nullable
    Path file;

    @Option(names = "--format", paramLabel = "FORMAT", required = true, description = "k8s: Kubernetes manifests")
    @Nullable
    Target target;

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            description = "The namespace of all objects (default: the file's metadata.namespace, else default)")
    @Nullable
    String namespace;

    @Mixin
    ImageOptions images = new ImageOptions();

    @Option(
            names = "--control-plane",
            paramLabel = "HOST:PORT",
            description = "Where pods find the control plane (default: fiso-control-plane.NAMESPACE.svc:8080)")
    @Nullable
    String controlPlane;

    @Option(
            names = "--show-secrets",
            description = "Print the values of secrets instead of " + ManifestOptions.PLACEHOLDER)
    boolean showSecrets;

    /** What a pipeline can be exported to. */
    enum Target {
        k8s
    }

    ExportCommand(Host host) {
        super(host);
    }

    @Override
    Answer answer() throws IOException {
        PipelineFile loaded = PipelineFile.load(host, Objects.requireNonNull(file), Optional.of("kubernetes"));
        Manifests manifests;
        try {
            manifests = Manifests.of(loaded.pipeline(), options(loaded.source()));
        } catch (DriverException e) {
            throw new CommandException(Failure.invalid(e.code(), String.valueOf(e.getMessage()), ""));
        }
        String summary = "pipeline \"" + loaded.pipeline().name() + "\": "
                + PipelineFile.count(manifests.all().size(), "object") + " for Kubernetes";
        if (!isText()) {
            return Answer.ok(
                    summary,
                    Format.map(
                            "objects",
                            manifests.json().stream().map(Format::parse).toList()),
                    "");
        }
        // On standard error: what goes to standard output is for kubectl.
        loaded.problems().forEach(problem -> terminal().err().println(problem.render()));
        return Answer.ok(summary, null, manifests.yaml().stripTrailing());
    }

    private ManifestOptions options(SourceText source) {
        String space = namespace == null ? ofFile(source).orElse("default") : namespace;
        if (!NAMESPACE.matcher(space).matches()) {
            throw new CommandException(Failure.invalid(
                    "export.bad_namespace",
                    "\"" + space + "\" is no name of a namespace",
                    "lower-case letters, digits and \"-\", at most 63, beginning and ending with a letter or digit"));
        }
        String address =
                controlPlane == null ? KubernetesDriver.CONTROL_PLANE + "." + space + ".svc:8080" : controlPlane;
        // There is no run yet, and so no token of one.
        Secrets secrets = showSecrets ? new Secrets.Real(ManifestOptions.PLACEHOLDER) : new Secrets.Placeholders();
        return new ManifestOptions(space, images.prefix, images.names().tag(), address, RUN, secrets);
    }

    /** The file has been compiled without an error, so it is a mapping with the metadata that the schema allows. */
    private static Optional<String> ofFile(SourceText source) {
        Object document = new Load(LoadSettings.builder().build())
                .loadFromString(source.text().replace("\uFEFF", ""));
        return document instanceof Map<?, ?> root
                        && root.get("metadata") instanceof Map<?, ?> metadata
                        && metadata.get("namespace") instanceof String name
                ? Optional.of(name)
                : Optional.empty();
    }
}
