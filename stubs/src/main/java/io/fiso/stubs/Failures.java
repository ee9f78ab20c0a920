// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.stubs;

import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.event.JsonFormat;
import io.fiso.sdk.event.WireEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Which attempts a stub fails, as its config says. Safe for use by several threads. */
final class Failures {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final List<Rule> rules;
    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

    Failures(List<Config> configs) {
        this.rules = configs.stream()
                .map(config -> new Rule(
                        config, config.match() == null ? Optional.empty() : Optional.of(JSON.readTree(config.match()))))
                .toList();
    }

    /**
     * One rule.
     *
     * @param match what an event must have in common with this one, in JSON; null for all
     * @param code the code of the failure
     * @param message what is said
     * @param kind whether trying again may help; null if the code decides, which is a status of HTTP then
     * @param times how many attempts of each event fail; 0 for all
     */
    record Config(
            @Nullable String match, String code, String message, DeliveryException.@Nullable Kind kind, int times) {}

    private record Rule(Config config, Optional<JsonNode> match) {}

    /** Fails if this attempt shall. The first rule that fits an event is the one that counts. */
    void attempt(WireEvent event) throws DeliveryException {
        if (rules.isEmpty()) {
            return;
        }
        JsonNode seen = JSON.readTree(JsonFormat.encode(event));
        for (Rule rule : rules) {
            if (rule.match().isPresent() && !PartialJson.fits(rule.match().get(), seen)) {
                continue;
            }
            int attempt = attempts.merge(event.source() + "\n" + event.getId(), 1, Integer::sum);
            if (rule.config().times() == 0 || attempt <= rule.config().times()) {
                throw failure(rule.config());
            }
            return;
        }
    }

    private static DeliveryException failure(Config config) {
        return config.kind() == null
                ? DeliveryException.ofStatus(Integer.parseInt(config.code()), config.message(), Optional.empty())
                : new DeliveryException(config.kind(), config.code(), config.message(), null, Optional.empty());
    }
}
