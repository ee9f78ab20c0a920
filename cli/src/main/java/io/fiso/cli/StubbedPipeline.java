// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.pipeline.PipelineTest;
import io.fiso.pipeline.PipelineTests;
import io.fiso.pipeline.ResolvedComponent;
import io.fiso.pipeline.ResolvedComponent.Kind;
import io.fiso.pipeline.ResolvedComponent.Launch;
import io.fiso.pipeline.ResolvedComponent.Restart;
import io.fiso.pipeline.ResolvedPipeline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A pipeline as a test runs it: stubs at its ends and where the test says so; edges, types, retries, dead letters and all other components are the real ones.
 * Waits between attempts are short, nothing is started a second time, and no source pauses because much fails.
 *
 * @param stubs the jar with the stubs
 * @param directory where sinks write down what arrives
 */
record StubbedPipeline(Path stubs, Path directory) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Restart NEVER =
            new Restart(Restart.Policy.NEVER, Duration.ofMillis(200), Duration.ofSeconds(1), 0, Duration.ofMinutes(10));

    ResolvedPipeline of(PipelineTests file, PipelineTest test) {
        ResolvedPipeline pipeline = file.pipeline();
        return new ResolvedPipeline(
                pipeline.name(),
                pipeline.driver(),
                pipeline.components().stream().map(c -> replaced(c, test)).toList(),
                pipeline.edges(),
                pipeline.drainTimeout(),
                pipeline.fingerprint());
    }

    /** Where what arrives at a sink is written down. */
    Path record(String sink) {
        return directory.resolve(sink + ".jsonl");
    }

    private ResolvedComponent replaced(ResolvedComponent component, PipelineTest test) {
        ObjectNode document = (ObjectNode) JSON.readTree(component.runtimeConfig());
        ObjectNode handling = (ObjectNode) document.path("errorHandling");
        handling.put("initialInterval", "5ms").put("maxInterval", "50ms");
        boolean real = component.kind() == Kind.PROCESSOR && !test.stubs().containsKey(component.id());
        if (real) {
            return with(component, component.type(), component.launch(), document, component.replicas());
        }
        if (component.kind() == Kind.SOURCE) {
            handling.put("breaker", "off");
        }
        String role = component.kind().name().toLowerCase(Locale.ROOT);
        document.put("type", "stub-" + role);
        document.set("config", config(component, test));
        Launch stub = new Launch.Java(stubs, List.of("-XX:TieredStopAtLevel=1"), List.of(role));
        return with(component, Optional.of("stub-" + role), stub, document, 1);
    }

    private static ResolvedComponent with(
            ResolvedComponent component, Optional<String> type, Launch launch, ObjectNode document, int replicas) {
        boolean same = launch.equals(component.launch());
        return new ResolvedComponent(
                component.id(),
                component.kind(),
                type,
                launch,
                document.toString(),
                same ? component.shownConfig() : document.toString(),
                same ? component.env() : Map.of(),
                same ? component.secrets() : List.of(),
                replicas,
                NEVER,
                component.resources(),
                component.stallTimeout());
    }

    private ObjectNode config(ResolvedComponent component, PipelineTest test) {
        ObjectNode config = JSON.createObjectNode();
        PipelineTest.Stub stub = test.stubs().getOrDefault(component.id(), PipelineTest.Stub.PASS);
        switch (component.kind()) {
            case SOURCE -> {
                ArrayNode events = config.putArray("events");
                test.given().getOrDefault(component.id(), List.of()).forEach(given -> {
                    ObjectNode one = events.addObject();
                    given.key().ifPresent(key -> one.put("key", key));
                    // As text, so that nothing reads its numbers on the way.
                    one.put("event", given.event().toString());
                });
            }
            case SINK -> config.put("record", record(component.id()).toString());
            case PROCESSOR -> {
                config.put("pass", stub.pass());
                ArrayNode emit = config.putArray("emit");
                stub.emit().forEach(emitted -> {
                    ObjectNode one = emit.addObject();
                    one.set("attributes", emitted.attributes());
                    emitted.data().map(JsonNode::toString).ifPresent(data -> one.put("data", data));
                });
            }
            case SERVICE -> throw new IllegalStateException("no pipeline has a service");
        }
        if (component.kind() != Kind.SOURCE) {
            ArrayNode fail = config.putArray("fail");
            stub.failures().forEach(failure -> fail.add(failure(failure)));
        }
        return config;
    }

    private static ObjectNode failure(PipelineTest.Failure failure) {
        ObjectNode rule = JSON.createObjectNode();
        failure.match().ifPresent(match -> rule.put("match", match.toString()));
        rule.put("code", failure.code()).put("message", failure.message()).put("times", failure.times());
        if (failure.permanent().isPresent()) {
            rule.put("kind", failure.permanent().get() ? "permanent" : "transient");
        } else if (!failure.code().matches(PipelineTest.Failure.STATUS)) {
            rule.put("kind", "unknown");
        }
        return rule;
    }
}
