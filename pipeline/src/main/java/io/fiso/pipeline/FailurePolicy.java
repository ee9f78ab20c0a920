// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import io.fiso.pipeline.Node.Entry;
import io.fiso.pipeline.Node.Mapping;
import io.fiso.pipeline.Node.Scalar;
import io.fiso.pipeline.ResolvedComponent.Kind;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of an event that a component gives up on, and what may be committed. {@code errorHandling} of the component goes before that of
 * the pipeline, key by key.
 *
 * @param onFailure {@code dead-letter}, {@code hold}, {@code fail} or {@code skip}
 * @param commitPolicy {@code sink} or {@code sink_or_dlq}
 */
record FailurePolicy(String onFailure, String commitPolicy) {
    private static final String GROUP = "errorHandling";
    private static final Set<String> OF_ATTEMPTS = Set.of(
            "maxRetries", "maxAttempts", "backoff", "initialInterval", "maxInterval", "jitter", "retryableStatusCodes");
    private static final Set<String> OF_SOURCES = Set.of("deadLetterTopic", "breaker");

    static FailurePolicy of(@Nullable Mapping spec, @Nullable Mapping component) {
        var commit = text(component, spec, "commitPolicy", "sink_or_dlq");
        var fallback = commit.equals("sink") ? "hold" : "dead-letter";
        return new FailurePolicy(text(component, spec, "onFailure", fallback), commit);
    }

    /** The pipeline's own word. */
    static void check(@Nullable Mapping spec, Problems problems) {
        if (handling(spec) instanceof Mapping given) {
            contradiction(given, of(spec, null), problems);
        }
    }

    /** The word of one component, against what its kind knows and what the pipeline says. */
    static void check(@Nullable Mapping spec, Mapping component, Kind kind, Problems problems) {
        if (!(handling(component) instanceof Mapping given)) {
            return;
        }
        for (var entry : given.entries()) {
            var key = entry.key().text();
            if (kind == Kind.SOURCE && OF_ATTEMPTS.contains(key)) {
                problems.error(
                        "pipeline.not_for_kind",
                        entry.key().at(),
                        "\"" + key + "\" means nothing to a source: it makes no attempts",
                        "set it for the pipeline, or for the processor or sink that shall try again");
            } else if (kind != Kind.SOURCE && OF_SOURCES.contains(key)) {
                problems.error(
                        "pipeline.not_for_kind",
                        entry.key().at(),
                        "\"" + key + "\" means nothing to a " + ComponentResolver.label(kind) + ": "
                                + (key.equals("breaker") ? "a source is what pauses" : "sources write dead letters"),
                        "set it for the pipeline, or for a source");
            }
        }
        contradiction(given, of(spec, component), problems);
    }

    private static void contradiction(Mapping given, FailurePolicy policy, Problems problems) {
        boolean givesUp = policy.onFailure.equals("dead-letter") || policy.onFailure.equals("skip");
        if (!policy.commitPolicy.equals("sink") || !givesUp) {
            return;
        }
        Entry entry = given.entry("onFailure") != null ? given.entry("onFailure") : given.entry("commitPolicy");
        if (entry != null) {
            problems.error(
                    "config.conflict",
                    entry.key().at(),
                    "\"onFailure: " + policy.onFailure
                            + "\" and \"commitPolicy: sink\" exclude each other: with the second only "
                            + "delivery lets a position be committed",
                    "write onFailure: hold or onFailure: fail, or commitPolicy: sink_or_dlq");
        }
    }

    private static @Nullable Mapping handling(@Nullable Mapping owner) {
        return owner != null && owner.get(GROUP) instanceof Mapping given ? given : null;
    }

    private static String text(@Nullable Mapping component, @Nullable Mapping spec, String key, String fallback) {
        for (var owner : new @Nullable Mapping[] {component, spec}) {
            if (handling(owner) instanceof Mapping given && given.get(key) instanceof Scalar value && !value.isNull()) {
                return value.text();
            }
        }
        return fallback;
    }
}
