// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk;

import io.fiso.broker.client.BrokerAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

/** What a component knows of itself and its surroundings. Safe for use by any thread. */
public interface ComponentContext {
    /** The component's id in its pipeline. */
    String component();

    /** The pipeline's name. */
    String pipeline();

    /** The run's id. */
    String run();

    /** The replica index, from 0. */
    int replica();

    /**
     * The component's config as a record. Every problem is reported at once, with the path, the value and what would be right; an unknown
     * key is an error with a suggestion. A record's compact constructor may refuse values with {@link IllegalArgumentException}.
     * Missing keys are null, empty for {@code Optional}, {@code List} and {@code Map}, and zero or false for primitives.
     * Durations are written {@code 500ms}, {@code 5s}, {@code 2m}.
     *
     * @throws ConfigException with all problems
     */
    <C extends Record> C config(Class<C> type);

    /** A directory of this component replica's own that survives restarts. */
    Path stateDirectory();

    /** The pipeline's dead letter topic, {@code fiso-dlq-<pipeline>} unless the user named another. */
    String deadLetterTopic();

    /**
     * Where the broker is that this run uses, for what its config names no other for. Asks the control plane, which starts one if none runs, and starts it
     * again if it has ended: so ask again when it does not answer any more, and wait longer between two times. Blocks while it is being started, and while
     * the control plane is out of reach; an interrupt ends that.
     *
     * @throws IOException if there is none for this run, or it could not be started now, with why and what to do; also when this component leaves
     */
    BrokerAddress broker() throws IOException, InterruptedException;

    /** Wall-clock time; injected, so that tests can turn it. */
    Clock clock();

    /** A named logger with the standard fields set; a constant message, and keys for what varies. Never a payload or a secret. */
    System.Logger logger();

    /** Counters, gauges and histograms of the component's own, on its /metrics endpoint. */
    io.prometheus.metrics.model.registry.PrometheusRegistry metrics();
}
