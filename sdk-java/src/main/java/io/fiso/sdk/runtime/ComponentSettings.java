// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.ConfigException;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.delivery.DeliverySettings;
import io.fiso.sdk.delivery.OnFailure;
import io.fiso.sdk.delivery.Parallelism;
import io.fiso.sdk.delivery.RetryPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file the control plane wrote for this component, with every default filled in.
 *
 * @param config the component's own config, as parsed JSON
 * @param retry how failures are tried again
 * @param deadLetterTopic where dead letters go
 * @param ordering {@code key} or {@code none}
 * @param parallelism how much runs at once; empty where the component's kind decides
 * @param limits the bounds
 * @param inputs the edges that end here
 * @param outputs the edges that start here
 * @param onFailure what becomes of an event that this component gives up on
 * @param breaker when a source pauses itself; empty for never
 * @param deduplicationWindow how many delivered events a sink remembers; 0 if it does not deduplicate
 * @param dataSchema the JSON Schema that the data of every event must satisfy, as parsed JSON; empty if any will do
 */
public record ComponentSettings(
        Map<?, ?> config,
        Retry retry,
        String deadLetterTopic,
        String ordering,
        Optional<Parallelism> parallelism,
        Limits limits,
        List<String> inputs,
        List<Output> outputs,
        String kind,
        String type,
        OnFailure onFailure,
        Optional<Breaker> breaker,
        int deduplicationWindow,
        Optional<Map<?, ?>> dataSchema) {

    /** How failures are tried again. */
    public record Retry(
            int maxAttempts,
            RetryPolicy.Backoff backoff,
            Duration initialInterval,
            Duration maxInterval,
            double jitter,
            List<Integer> retryableStatusCodes) {
        /** The policy of the delivery core. */
        RetryPolicy policy() {
            return new RetryPolicy(maxAttempts, backoff, initialInterval, maxInterval, jitter);
        }

        /** The user's list decides about the statuses in it, and about those that are usually retried: one that is not in it is permanent. */
        DeliveryException classify(DeliveryException failure) {
            if (!failure.code().matches("[1-5][0-9][0-9]")) {
                return failure;
            }
            boolean listed = retryableStatusCodes.contains(Integer.valueOf(failure.code()));
            if (listed) {
                return failure.as(DeliveryException.Kind.TRANSIENT);
            }
            return failure.kind() == DeliveryException.Kind.TRANSIENT
                    ? failure.as(DeliveryException.Kind.PERMANENT)
                    : failure;
        }
    }

    /** Bounds. */
    public record Limits(
            int windowEvents,
            long windowBytes,
            int maxEventBytes,
            int maxSpan,
            Duration callTimeout,
            Duration drainTimeout) {
        private static final int BATCH_BYTES_MAX = 256 << 10;
        private static final int EDGE_SPAN_PER_WINDOW = 16;

        private DeliverySettings.Limits delivery() {
            return new DeliverySettings.Limits(
                    windowEvents,
                    windowBytes,
                    maxEventBytes,
                    maxSpan,
                    BATCH_BYTES_MAX,
                    windowEvents * EDGE_SPAN_PER_WINDOW);
        }
    }

    /**
     * An edge that starts here.
     *
     * @param types the event types that take it; empty means all
     * @param leadsTo the components that are reached over it, its own end first
     */
    public record Output(String edge, List<String> types, List<String> leadsTo) {}

    /**
     * When a source pauses itself.
     *
     * @param errorRate the share of failed events among the settled ones
     * @param minEvents how many must have settled within the window
     * @param window how far back it looks
     */
    public record Breaker(double errorRate, int minEvents, Duration window) {
        static final Breaker DEFAULT = new Breaker(0.5, 50, Duration.ofSeconds(30));
    }

    /** What of all this the delivery core goes by, for an instance that was granted this replica and generation. */
    DeliverySettings delivery(ComponentEnvironment environment, int replica, long generation, String instance) {
        return new DeliverySettings(
                environment.run(),
                environment.component(),
                replica,
                instance,
                generation,
                inputs,
                outputs.stream().map(Output::edge).toList(),
                limits.delivery(),
                retry.policy(),
                leadsTo(),
                onFailure);
    }

    /** Reads the file; none at all means defaults throughout. */
    public static ComponentSettings read(@Nullable Path file, String pipeline) {
        if (file == null) {
            return from(Map.of(), pipeline);
        }
        try {
            JsonMapper mapper = JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();
            return from(mapper.readValue(Files.readAllBytes(file), Map.class), pipeline);
        } catch (IOException e) {
            throw new ConfigException(List.of("cannot read FISO_CONFIG_FILE '" + file + "': " + e.getMessage()));
        } catch (JacksonException e) {
            throw new ConfigException(
                    List.of("FISO_CONFIG_FILE '" + file + "' is not a JSON object: " + e.getOriginalMessage()));
        }
    }

    /** Reads parsed JSON. */
    public static ComponentSettings from(Map<?, ?> file, String pipeline) {
        List<String> problems = new ArrayList<>();
        ConfigNode root = new ConfigNode("", file, problems);
        ConfigNode errors = root.object("errorHandling");
        ConfigNode bounds = root.object("limits");
        Retry retry = new Retry(
                (int) errors.number("maxAttempts", 3, 1),
                errors.choice("backoff", RetryPolicy.Backoff.EXPONENTIAL, '-'),
                errors.duration("initialInterval", "200ms"),
                errors.duration("maxInterval", "30s"),
                errors.fraction("jitter", 0.2),
                errors.numbers("retryableStatusCodes", DeliveryException.TRANSIENT_STATUSES));
        Limits limits = new Limits(
                (int) bounds.number("windowEvents", 4_096, 1),
                bounds.number("windowBytes", 16L << 20, 1),
                (int) bounds.number("maxEventBytes", 1 << 20, 1),
                (int) bounds.number("maxSpan", 10_000, 1),
                bounds.duration("callTimeout", "30s"),
                bounds.duration("drainTimeout", "30s"));
        ComponentSettings settings = new ComponentSettings(
                root.object("config").members(),
                retry,
                errors.text("deadLetterTopic", "fiso-dlq-" + pipeline),
                root.text("ordering", "key"),
                parallelism(root),
                limits,
                root.list("inputs").stream().map(Object::toString).toList(),
                outputs(root),
                root.text("kind", ""),
                root.text("type", ""),
                onFailure(errors, problems),
                breaker(errors),
                (int) root.object("deduplicate").number("window", 0, 1),
                dataSchema(root));
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return settings;
    }

    private static Optional<Map<?, ?>> dataSchema(ConfigNode root) {
        ConfigNode validate = root.object("validate");
        return validate.members().containsKey("jsonSchema")
                ? Optional.of(validate.object("jsonSchema").members())
                : Optional.empty();
    }

    private static Optional<Parallelism> parallelism(ConfigNode root) {
        if (root.text("parallelism", "").equals("adaptive")) {
            return Optional.of(Parallelism.ADAPTIVE);
        }
        int lanes = (int) root.number("parallelism", 0, 1);
        return lanes == 0 ? Optional.empty() : Optional.of(Parallelism.fixed(lanes));
    }

    /** Where only delivery lets a position be committed, giving up is no way out. */
    private static OnFailure onFailure(ConfigNode errors, List<String> problems) {
        boolean deliveryOnly = errors.choice("commitPolicy", CommitPolicy.SINK_OR_DLQ, '_') == CommitPolicy.SINK;
        OnFailure chosen = errors.choice("onFailure", deliveryOnly ? OnFailure.HOLD : OnFailure.DEAD_LETTER, '-');
        if (deliveryOnly && (chosen == OnFailure.DEAD_LETTER || chosen == OnFailure.SKIP)) {
            problems.add(
                    "errorHandling.onFailure: with commitPolicy 'sink' an event is never given up, expected hold or fail");
        }
        return chosen;
    }

    private enum CommitPolicy {
        SINK,
        SINK_OR_DLQ
    }

    private static Optional<Breaker> breaker(ConfigNode errors) {
        if (errors.text("breaker", "").equals("off")) {
            return Optional.empty();
        }
        ConfigNode breaker = errors.object("breaker");
        return Optional.of(new Breaker(
                breaker.fraction("errorRate", Breaker.DEFAULT.errorRate()),
                (int) breaker.number("minEvents", Breaker.DEFAULT.minEvents(), 1),
                breaker.duration("window", "30s")));
    }

    private static List<Output> outputs(ConfigNode root) {
        List<Output> outputs = new ArrayList<>();
        for (Object entry : root.list("outputs")) {
            if (entry instanceof Map<?, ?> map && map.get("edge") != null) {
                outputs.add(new Output(String.valueOf(map.get("edge")), texts(map, "types"), texts(map, "leadsTo")));
            }
        }
        return outputs;
    }

    /** What can be reached over each edge that says so. */
    Map<String, Set<String>> leadsTo() {
        Map<String, Set<String>> leads = new LinkedHashMap<>();
        for (Output output : outputs) {
            if (!output.leadsTo().isEmpty()) {
                leads.put(output.edge(), Set.copyOf(output.leadsTo()));
            }
        }
        return leads;
    }

    private static List<String> texts(Map<?, ?> map, String key) {
        return map.get(key) instanceof List<?> list
                ? list.stream().map(Object::toString).toList()
                : List.of();
    }
}
