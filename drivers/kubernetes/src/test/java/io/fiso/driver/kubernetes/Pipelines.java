// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.kubernetes;

import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedComponent.Kind;
import io.fiso.pipeline.ResolvedComponent.Launch;
import io.fiso.pipeline.ResolvedComponent.Resources;
import io.fiso.pipeline.ResolvedComponent.Restart;
import io.fiso.pipeline.ResolvedPipeline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Pipelines for tests. */
final class Pipelines {
    static final String SECRET = "hunter2-of-the-database";
    static final String TOKEN = "token-of-the-run";

    private Pipelines() {}

    /** A source with a secret in its config, a processor of three replicas with limits, and a sink of the user's own image with a secret variable. */
    static ResolvedPipeline orders() {
        return of(
                "orders",
                new ResolvedComponent(
                        "in",
                        Kind.SOURCE,
                        Optional.of("kafka-source"),
                        new Launch.Java(
                                Path.of("/opt/fiso/components/kafka-source/kafka-source.jar"), List.of(), List.of()),
                        "{\"config\":{\"password\":\"" + SECRET + "\"}}",
                        "{\"config\":{\"password\":\"***\"}}",
                        Map.of(),
                        List.of(SECRET),
                        1,
                        restart(),
                        new Resources(Optional.empty(), Optional.empty()),
                        Duration.ofSeconds(60)),
                new ResolvedComponent(
                        "normalize",
                        Kind.PROCESSOR,
                        Optional.of("cel-processor"),
                        new Launch.Java(
                                Path.of("/opt/fiso/components/cel-processor/cel-processor.jar"), List.of(), List.of()),
                        "{\"config\":{}}",
                        "{\"config\":{}}",
                        Map.of(),
                        List.of(),
                        3,
                        restart(),
                        new Resources(Optional.of("500m"), Optional.of("256Mi")),
                        Duration.ofSeconds(60)),
                new ResolvedComponent(
                        "out",
                        Kind.SINK,
                        Optional.empty(),
                        new Launch.Image("registry.example/mine:1", List.of("--fast")),
                        "{\"config\":{}}",
                        "{\"config\":{}}",
                        new TreeMap<>(Map.of(
                                "URL",
                                "https://u:" + SECRET + "@example",
                                "LEVEL",
                                "debug $(HOME)",
                                "FISO_TOKEN",
                                "forged")),
                        List.of(SECRET),
                        1,
                        restart(),
                        new Resources(Optional.empty(), Optional.empty()),
                        Duration.ofSeconds(60)));
    }

    /** A pipeline of plain components. */
    static ResolvedPipeline plain(String name, String id, int replicas) {
        return of(name, image(id, "registry.example/mine:1", replicas));
    }

    static ResolvedComponent image(String id, String image, int replicas) {
        return component(id, new Launch.Image(image, List.of()), replicas);
    }

    static ResolvedComponent component(String id, Launch launch, int replicas) {
        return new ResolvedComponent(
                id,
                Kind.SINK,
                Optional.empty(),
                launch,
                "{}",
                "{}",
                Map.of(),
                List.of(),
                replicas,
                restart(),
                new Resources(Optional.empty(), Optional.empty()),
                Duration.ofSeconds(60));
    }

    /** The same, with its state on a volume. */
    static ResolvedComponent onVolume(ResolvedComponent c, String size) {
        return new ResolvedComponent(
                c.id(),
                c.kind(),
                c.type(),
                c.launch(),
                c.runtimeConfig(),
                c.shownConfig(),
                c.env(),
                c.secrets(),
                c.replicas(),
                c.restart(),
                c.resources(),
                c.stallTimeout(),
                Optional.of(new ResolvedComponent.StateVolume(size, Optional.of("fast"))));
    }

    static ResolvedPipeline of(String name, ResolvedComponent... components) {
        return new ResolvedPipeline(
                name, "kubernetes", Arrays.asList(components), List.of(), Duration.ofMillis(30_500), "f00d");
    }

    static ManifestOptions real() {
        return options(new ManifestOptions.Secrets.Real(TOKEN));
    }

    static ManifestOptions options(ManifestOptions.Secrets secrets) {
        return new ManifestOptions("flows", "registry.example/fiso", "1.2.3", "fiso.flows.svc:8080", "run-1", secrets);
    }

    private static Restart restart() {
        return new Restart(
                Restart.Policy.ALWAYS, Duration.ofMillis(200), Duration.ofSeconds(30), 5, Duration.ofMinutes(10));
    }
}
