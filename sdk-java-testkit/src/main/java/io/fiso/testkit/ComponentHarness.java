// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import io.fiso.sdk.BatchEventSink;
import io.fiso.sdk.EventProcessor;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.EventSource;
import io.fiso.sdk.runtime.ComponentEnvironment;
import io.fiso.sdk.runtime.ComponentRuntime;
import io.fiso.tls.TlsDirectory;
import io.fiso.tls.TlsIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs components side by side in this JVM, over real gRPC, against a {@link FakeControlPlane}: as a pipeline would, in milliseconds. Closing it
 * ends them all.
 *
 * <pre>{@code
 * try (ComponentHarness harness = new ComponentHarness(directory, "orders->shop", "shop->out")) {
 *     harness.start("orders", new MySource(), "{\"count\": 3}");
 *     ...
 * }
 * }</pre>
 */
public final class ComponentHarness implements AutoCloseable {
    public static final String TOKEN = "a-token-for-tests";
    public static final String PIPELINE = "test-pipeline";
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Path directory;
    private final List<String> edges;
    private final FakeControlPlane controlPlane;
    private final @Nullable Path tls;
    private final Map<String, ComponentRuntime> running = new LinkedHashMap<>();

    /** Edges are written {@code from->to}; state and config files go under the directory. */
    public ComponentHarness(Path directory, String... edges) {
        this.directory = directory;
        this.edges = List.of(edges);
        this.controlPlane = new FakeControlPlane(edges);
        this.tls = null;
    }

    /** The same with TLS: all of them, the control plane too, are who this directory says. */
    public ComponentHarness(Path directory, TlsDirectory tls, String... edges) throws IOException {
        this.directory = directory;
        this.edges = List.of(edges);
        this.controlPlane = new FakeControlPlane(TlsIdentity.read(tls), edges);
        this.tls = tls.path();
    }

    public FakeControlPlane controlPlane() {
        return controlPlane;
    }

    public ComponentRuntime start(String component, EventSource source, String config) {
        return start(component, ComponentRuntime.of(source, environment(component, config, "{}")));
    }

    public ComponentRuntime start(String component, EventProcessor processor, String config) {
        return start(component, ComponentRuntime.of(processor, environment(component, config, "{}")));
    }

    public ComponentRuntime start(String component, EventSink sink, String config) {
        return start(component, ComponentRuntime.of(sink, environment(component, config, "{}")));
    }

    public ComponentRuntime start(String component, BatchEventSink sink, String config) {
        return start(component, ComponentRuntime.of(sink, environment(component, config, "{}")));
    }

    /** Starts what was made with {@link #environment}. */
    public ComponentRuntime start(String component, ComponentRuntime runtime) {
        try {
            runtime.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        running.put(component, runtime);
        return runtime;
    }

    /** The surroundings of a component with this config (JSON) and these other settings of its config file (a JSON object). */
    public ComponentEnvironment environment(String component, String config, String settings) {
        try {
            Path state = directory.resolve("components").resolve(component + "-0");
            Files.createDirectories(state);
            Path file = directory.resolve(component + ".json");
            String others = settings.strip();
            others = others.substring(1, others.length() - 1).strip();
            Files.writeString(
                    file,
                    "{\"config\": " + config + ", \"inputs\": "
                            + list(edges.stream()
                                    .filter(edge -> edge.endsWith("->" + component))
                                    .toList()) + ", \"outputs\": " + outputs(component)
                            + (others.isEmpty() ? "" : ", " + others) + "}",
                    StandardCharsets.UTF_8);
            ComponentEnvironment environment = new ComponentEnvironment(
                    controlPlane.address(),
                    component,
                    PIPELINE,
                    "run-1",
                    TOKEN,
                    file,
                    state,
                    "127.0.0.1:0",
                    "127.0.0.1:0",
                    "");
            return tls == null ? environment : environment.withTlsDirectory(tls);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public ComponentRuntime runtime(String component) {
        ComponentRuntime found = running.get(component);
        if (found == null) {
            throw new IllegalArgumentException(
                    "no component '" + component + "' was started; there are " + running.keySet());
        }
        return found;
    }

    /** Ends a component without ceremony; another may be started in its place. */
    public void crash(String component) {
        runtime(component).close();
        running.remove(component);
        controlPlane.forget(component);
    }

    /** Where the default dead letter store of a source writes while the control plane says that there is no broker. */
    public Path deadLetters(String source) {
        return directory.resolve("dead-letters").resolve(source + ".jsonl");
    }

    /** Waits for a condition; fails with what it found when it does not come about within a minute. */
    public static void await(String what, BooleanSupplier condition, Supplier<?> found) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "waited " + PATIENCE.toSeconds() + " s for: " + what + "; found " + found.get());
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        new ArrayList<>(running.values()).reversed().forEach(ComponentRuntime::close);
        controlPlane.close();
    }

    private String outputs(String component) {
        return "["
                + String.join(
                        ", ",
                        edges.stream()
                                .filter(edge -> edge.startsWith(component + "->"))
                                .map(edge -> "{\"edge\": \"" + edge + "\", \"leadsTo\": " + list(leadsTo(edge)) + "}")
                                .toList())
                + "]";
    }

    /** The components that can be reached over an edge. */
    private List<String> leadsTo(String edge) {
        List<String> reached = new ArrayList<>(List.of(edge.substring(edge.indexOf("->") + 2)));
        for (int i = 0; i < reached.size(); i++) {
            String from = reached.get(i) + "->";
            edges.stream()
                    .filter(next -> next.startsWith(from))
                    .map(next -> next.substring(from.length()))
                    .filter(to -> !reached.contains(to))
                    .forEach(reached::add);
        }
        return reached;
    }

    private static String list(List<String> values) {
        return "["
                + String.join(
                        ", ", values.stream().map(value -> "\"" + value + "\"").toList()) + "]";
    }
}
