// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Entry;
import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Mark;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import io.fiso.pipeline.Node.Style;
import io.fiso.pipeline.PipelineTest.Arrivals;
import io.fiso.pipeline.PipelineTest.Emitted;
import io.fiso.pipeline.PipelineTest.Event;
import io.fiso.pipeline.PipelineTest.Failure;
import io.fiso.pipeline.PipelineTest.Given;
import io.fiso.pipeline.PipelineTest.Letter;
import io.fiso.pipeline.PipelineTest.RunFailure;
import io.fiso.pipeline.PipelineTest.Stub;
import io.fiso.pipeline.ResolvedComponent.Kind;
import io.fiso.transform.EventView;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Tests of a checked document. Fills in what given events do not say. */
final class PipelineTestReader {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    /** Fixed, so that a test gives the same every time. */
    private static final String TIME = "2026-01-01T00:00:00Z";

    private static final String JSON_TYPE = "application/json";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final ResolvedPipeline pipeline;
    private final Problems problems;
    private final @Nullable Scalar timeout;

    PipelineTestReader(ResolvedPipeline pipeline, Problems problems, @Nullable Scalar timeout) {
        this.pipeline = pipeline;
        this.problems = problems;
        this.timeout = timeout;
    }

    PipelineTest read(Mapping test) {
        var limit = test.get("timeout") instanceof Scalar own ? own : timeout;
        var letters = test.entry("deadLetters");
        return new PipelineTest(
                text(test, "name").orElseThrow(),
                test.at().line(),
                limit == null ? TIMEOUT : Quantity.duration(limit.text()),
                members(test, "given", e -> given(e.key().text(), (Sequence) e.value())),
                members(test, "stubs", e -> stub(e.key().text(), (Mapping) e.value())),
                members(test, "expect", this::arrivals),
                items(letters == null ? null : letters.value()).stream()
                        .map(PipelineTestReader::letter)
                        .toList(),
                (letters == null ? test.at() : letters.key().at()).line(),
                test.entry("runFails") instanceof Entry failing
                        ? Optional.of(runFailure(failing.key().at(), (Mapping) failing.value()))
                        : Optional.empty());
    }

    private static RunFailure runFailure(Mark at, Mapping node) {
        return new RunFailure(at.line(), text(node, "component"), text(node, "message"));
    }

    private static <T> Map<String, T> members(Mapping test, String key, Function<Entry, T> reader) {
        Map<String, T> read = new LinkedHashMap<>();
        if (test.get(key) instanceof Mapping members) {
            members.entries().forEach(e -> read.put(e.key().text(), reader.apply(e)));
        }
        return read;
    }

    private static List<Mapping> items(@Nullable Node node) {
        return node instanceof Sequence list
                ? list.items().stream().map(Mapping.class::cast).toList()
                : List.of();
    }

    // --- events

    private List<Given> given(String source, Sequence list) {
        var events = new ArrayList<Given>();
        for (var item : items(list)) {
            var key = text(item, "key");
            var event = event(item);
            var id = event.path("id").asString(source + "-" + (events.size() + 1));
            fallback(event, "specversion", "1.0");
            fallback(event, "id", id);
            fallback(event, "source", "fiso-flow/" + pipeline.name());
            fallback(event, "type", eventType(source));
            fallback(event, "time", TIME);
            fallback(event, "correlationid", id);
            key.ifPresent(k -> fallback(event, "partitionkey", k));
            if (!event.path("data").isMissingNode()) {
                fallback(event, "datacontenttype", JSON_TYPE);
            }
            events.add(new Given(key, event));
        }
        return List.copyOf(events);
    }

    private static void fallback(ObjectNode event, String name, String value) {
        if (!event.has(name)) {
            event.put(name, value);
        }
    }

    /** What the real source would give to events that are plain records. */
    private String eventType(String source) {
        var config = JsonView.MAPPER.readTree(pipeline.component(source).runtimeConfig());
        return config.path("config").path("eventType").asString("fiso.event");
    }

    /** Its attributes and data; no order key, which is none of both. */
    private ObjectNode event(Mapping node) {
        var event = JSON.objectNode();
        for (var entry : node.entries()) {
            var name = entry.key().text();
            if (name.equals("ext")) {
                ((Mapping) entry.value()).entries().forEach(e -> {
                    if (EventView.NAMED_MEMBERS.contains(e.key().text())) {
                        problems.error(
                                "test.no_extension",
                                e.key().at(),
                                "\"" + e.key().text() + "\" is no extension attribute",
                                "write it beside ext");
                    }
                    event.set(e.key().text(), json(e.value()));
                });
            } else if (!name.equals("key")) {
                event.set(name, json(entry.value()));
            }
        }
        return event;
    }

    /** Numbers keep their digits. */
    static JsonNode json(Node node) {
        return switch (node) {
            case Mapping mapping -> {
                var object = JSON.objectNode();
                mapping.entries().forEach(e -> object.set(e.key().text(), json(e.value())));
                yield object;
            }
            case Sequence sequence -> {
                var array = JSON.arrayNode();
                sequence.items().forEach(i -> array.add(json(i)));
                yield array;
            }
            case Scalar scalar ->
                switch (scalar.value()) {
                    case null -> JSON.nullNode();
                    case Boolean value -> JSON.booleanNode(value);
                    case Long value -> JSON.numberNode(value);
                    case java.math.BigInteger value -> JSON.numberNode(value);
                    case Double _ when scalar.style() == Style.PLAIN -> JSON.numberNode(new BigDecimal(scalar.text()));
                    default -> JSON.stringNode(scalar.text());
                };
        };
    }

    private Arrivals arrivals(Entry entry) {
        var options = entry.value() instanceof Mapping mapping ? mapping : null;
        var list = options == null ? entry.value() : options.get("events");
        var events = items(list).stream()
                .map(item -> new Event(item.at().line(), text(item, "key"), event(item)))
                .toList();
        return new Arrivals(
                entry.key().at().line(),
                events,
                flag(options, "unordered").orElse(false),
                flag(options, "exactly").orElse(false));
    }

    // --- stubs

    private Stub stub(String id, Mapping node) {
        var processor = pipeline.component(id).kind() == Kind.PROCESSOR;
        var emit = items(node.get("emit")).stream()
                .map(item -> {
                    var attributes = event(item);
                    var data = Optional.ofNullable(attributes.remove("data"));
                    return new Emitted(attributes, data);
                })
                .toList();
        var failures = node.get("fail") instanceof Mapping one ? List.of(one) : items(node.get("fail"));
        return new Stub(
                !node.has("emit"),
                emit,
                failures.stream().map(f -> failure(f, processor)).toList());
    }

    private Failure failure(Mapping node, boolean processor) {
        var code = text(node, "code").orElse(processor ? "TRANSFORM_FAILED" : "SINK_DELIVERY_FAILED");
        var permanent = flag(node, "permanent");
        return new Failure(
                node.get("match") instanceof Mapping match ? Optional.of(event(match)) : Optional.empty(),
                code,
                text(node, "message").orElse("failed by the test's stub"),
                permanent.isEmpty() && processor && !code.matches(Failure.STATUS) ? Optional.of(true) : permanent,
                number(node, "times").orElse(0));
    }

    // --- dead letters

    private static Letter letter(Mapping node) {
        return new Letter(
                node.at().line(),
                text(node, "code"),
                text(node, "message"),
                text(node, "component"),
                text(node, "source"),
                number(node, "attempts"),
                text(node, "id"),
                Optional.ofNullable(node.get("data")).map(PipelineTestReader::json));
    }

    private static Optional<String> text(Mapping node, String key) {
        return node.get(key) instanceof Scalar scalar ? Optional.of(scalar.text()) : Optional.empty();
    }

    private static OptionalInt number(Mapping node, String key) {
        return node.get(key) instanceof Scalar scalar
                ? OptionalInt.of(Integer.parseInt(scalar.canonical()))
                : OptionalInt.empty();
    }

    private static Optional<Boolean> flag(@Nullable Mapping node, String key) {
        return node != null && node.get(key) instanceof Scalar scalar
                ? Optional.of(scalar.canonical().equals("true"))
                : Optional.empty();
    }
}
