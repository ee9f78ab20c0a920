// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.Node.Sequence;
import io.fiso.pipeline.ResolvedComponent.Kind;
import io.fiso.pipeline.ResolvedComponent.Resources;
import io.fiso.pipeline.ResolvedComponent.Restart;
import io.fiso.pipeline.ResolvedComponent.StateVolume;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What every component can be told beside its own config. The component's word goes before the pipeline's, key by key, before the default. */
final class Settings {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final long HARD_EVENT_LIMIT = 4L << 20;
    private static final int DEDUPLICATED_EVENTS = 100_000;
    private static final String ADAPTIVE = "adaptive";

    private final @Nullable Mapping spec;
    private final @Nullable Mapping component;

    Settings(@Nullable Mapping spec, @Nullable Mapping component) {
        this.spec = spec;
        this.component = component;
    }

    /** Contradictions that a schema cannot see; to be called once per mapping. */
    static void check(@Nullable Mapping owner, Problems problems) {
        if (owner == null) {
            return;
        }
        if (owner.get("errorHandling") instanceof Mapping handling
                && handling.has("maxRetries")
                && handling.entry("maxAttempts") instanceof Node.Entry attempts) {
            problems.error(
                    "config.conflict",
                    attempts.key().at(),
                    "\"maxRetries\" and \"maxAttempts\" exclude each other",
                    "maxRetries: n means n + 1 attempts; keep one of them");
        }
        if (owner.get("errorHandling") instanceof Mapping handling
                && handling.get("initialInterval") instanceof Scalar initial
                && handling.get("maxInterval") instanceof Scalar longest
                && Quantity.isDuration(initial.text())
                && Quantity.isDuration(longest.text())
                && Quantity.duration(initial.text()).compareTo(Quantity.duration(longest.text())) > 0) {
            problems.error(
                    "config.conflict",
                    initial.at(),
                    "\"initialInterval\" is longer than \"maxInterval\"",
                    "make it at most " + longest.text());
        }
        if (owner.get("limits") instanceof Mapping limits
                && limits.get("maxEventBytes") instanceof Scalar size
                && Quantity.isBytes(size.canonical())
                && Quantity.bytes(size.canonical()) > HARD_EVENT_LIMIT) {
            problems.error(
                    "config.out_of_range",
                    size.at(),
                    "\"maxEventBytes\" must be at most 4MiB",
                    "keep large payloads elsewhere and send a reference");
        }
    }

    ObjectNode errorHandling(String pipeline, Kind kind) {
        var handling = JSON.objectNode();
        handling.put("maxAttempts", maxAttempts());
        handling.put("backoff", text("errorHandling", "backoff", "exponential"));
        handling.put("initialInterval", text("errorHandling", "initialInterval", "200ms"));
        handling.put("maxInterval", text("errorHandling", "maxInterval", "30s"));
        handling.put("jitter", Double.parseDouble(text("errorHandling", "jitter", "0.2")));
        var codes = handling.putArray("retryableStatusCodes");
        if (find("errorHandling", "retryableStatusCodes") instanceof Sequence given) {
            given.items().stream()
                    .filter(Scalar.class::isInstance)
                    .forEach(c -> codes.add(Integer.parseInt(((Scalar) c).canonical())));
        } else {
            codes.add(429).add(502).add(503).add(504);
        }
        handling.put("deadLetterTopic", text("errorHandling", "deadLetterTopic", "fiso-dlq-" + pipeline));
        var policy = FailurePolicy.of(spec, component);
        handling.put("onFailure", policy.onFailure());
        handling.put("commitPolicy", policy.commitPolicy());
        if (kind == Kind.SOURCE) {
            breaker(handling);
        }
        return handling;
    }

    private void breaker(ObjectNode handling) {
        var given = find("errorHandling", "breaker");
        if (given instanceof Scalar) {
            handling.put("breaker", "off");
            return;
        }
        var members = given instanceof Mapping mapping ? mapping : null;
        var breaker = handling.putObject("breaker");
        breaker.put("errorRate", Double.parseDouble(member(members, "errorRate", "0.5")));
        breaker.put("minEvents", Long.parseLong(member(members, "minEvents", "50")));
        breaker.put("window", member(members, "window", "30s"));
    }

    private static String member(@Nullable Mapping mapping, String key, String fallback) {
        return mapping != null && mapping.get(key) instanceof Scalar value ? value.canonical() : fallback;
    }

    /** How many delivered events a sink remembers; empty if it does not deduplicate. */
    OptionalLong deduplicationWindow() {
        var given = component == null ? null : component.get("deduplicate");
        return switch (given) {
            case Mapping mapping ->
                OptionalLong.of(Long.parseLong(member(mapping, "window", Integer.toString(DEDUPLICATED_EVENTS))));
            case Scalar scalar when scalar.canonical().equals("true") -> OptionalLong.of(DEDUPLICATED_EVENTS);
            case null, default -> OptionalLong.empty();
        };
    }

    /** The component's own key wins over the pipeline's, whichever of the two names each uses. */
    private long maxAttempts() {
        for (var owner : new @Nullable Mapping[] {component, spec}) {
            if (owner != null && owner.get("errorHandling") instanceof Mapping handling) {
                if (handling.get("maxAttempts") instanceof Scalar attempts) {
                    return Long.parseLong(attempts.canonical());
                }
                if (handling.get("maxRetries") instanceof Scalar retries) {
                    return Long.parseLong(retries.canonical()) + 1;
                }
            }
        }
        return 3;
    }

    ObjectNode limits() {
        var limits = JSON.objectNode();
        limits.put("windowEvents", Long.parseLong(text("limits", "windowEvents", "4096")));
        limits.put("windowBytes", Quantity.bytes(text("limits", "windowBytes", "16MiB")));
        limits.put("maxEventBytes", Quantity.bytes(text("limits", "maxEventBytes", "1MiB")));
        limits.put("maxSpan", Long.parseLong(text("limits", "maxSpan", "10000")));
        limits.put("callTimeout", text("limits", "callTimeout", "30s"));
        limits.put("drainTimeout", text("limits", "drainTimeout", "30s"));
        return limits;
    }

    Duration drainTimeout() {
        return Quantity.duration(text("limits", "drainTimeout", "30s"));
    }

    Duration stallTimeout() {
        return Quantity.duration(text("limits", "stallTimeout", "60s"));
    }

    Restart restart() {
        return new Restart(
                Restart.Policy.valueOf(text("restart", "policy", "always")
                        .toUpperCase(Locale.ROOT)
                        .replace('-', '_')),
                Quantity.duration(text("restart", "backoff", "200ms")),
                Quantity.duration(text("restart", "maxBackoff", "30s")),
                Integer.parseInt(text("restart", "maxRestarts", "5")),
                Quantity.duration(text("restart", "window", "10m")));
    }

    Resources resources() {
        return new Resources(optional("resources", "cpu"), optional("resources", "memory"));
    }

    Optional<StateVolume> stateVolume() {
        return optional("stateVolume", "size")
                .map(size -> new StateVolume(size, optional("stateVolume", "storageClass")));
    }

    String ordering() {
        return top("ordering").orElse("key");
    }

    int replicas() {
        return component != null && component.get("replicas") instanceof Scalar n ? Integer.parseInt(n.canonical()) : 1;
    }

    /** A number, or {@code adaptive}. */
    JsonNode parallelism(Kind kind) {
        var given = component != null && component.get("parallelism") instanceof Scalar scalar
                ? scalar.canonical()
                : kind == Kind.SINK ? ADAPTIVE : "1";
        return given.equals(ADAPTIVE) ? JSON.stringNode(ADAPTIVE) : JSON.numberNode(Integer.parseInt(given));
    }

    private Optional<String> top(String key) {
        for (var owner : new @Nullable Mapping[] {component, spec}) {
            if (owner != null && owner.get(key) instanceof Scalar value && !value.isNull()) {
                return Optional.of(value.text());
            }
        }
        return Optional.empty();
    }

    private Optional<String> optional(String group, String key) {
        return find(group, key) instanceof Scalar value ? Optional.of(value.canonical()) : Optional.empty();
    }

    private String text(String group, String key, String fallback) {
        return optional(group, key).orElse(fallback);
    }

    private @Nullable Node find(String group, String key) {
        for (var owner : new @Nullable Mapping[] {component, spec}) {
            if (owner != null
                    && owner.get(group) instanceof Mapping mapping
                    && mapping.get(key) instanceof Node value) {
                return value;
            }
        }
        return null;
    }
}
